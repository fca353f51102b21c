import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { DirectoryFilter, DirectoryUser } from './user-directory.types.js';

const COLUMNS = `
  u.id, u.email, u.username, u.full_name as "fullName", u.is_active as "isActive",
  u.email_verified_at is not null as "emailVerified", u.password_hash = '!' as invited,
  exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as "secondFactor",
  u.created_at as "createdAt",
  array(select r.name::text from user_roles ur join roles r on r.id = ur.role_id
        where ur.user_id = u.id order by r.name) as roles`;

/** An account that was erased has no name any more, and goes with the last of its documents: nobody is there. */
export const IS_SOMEBODY = `u.email <> 'erased-' || u.id || '@erased.invalid'`;

/** `%` and `_` in what somebody typed are ordinary characters. */
const containing = (text: string): string => `%${text.replace(/[\\%_]/g, String.raw`\$&`)}%`;

@Injectable()
export class UserDirectoryRepository {
  constructor(private readonly source: DataSource) {}

  /** Oldest first. */
  page(
    filter: DirectoryFilter,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<DirectoryUser[]> {
    return this.source.query<DirectoryUser[]>(
      `select ${COLUMNS} from users u
       where ${IS_SOMEBODY} and ($1::text is null or u.email ilike $1 or u.username ilike $1 or u.full_name ilike $1)
         and ($2::text is null or exists (select from user_roles ur join roles r on r.id = ur.role_id
                                          where ur.user_id = u.id and r.name = $2))
         and ($3::boolean is null or u.is_active = $3)
         and ($4::timestamptz is null or (u.created_at, u.id) > ($4::timestamptz, $5::uuid))
       order by u.created_at, u.id limit $6`,
      [
        filter.search === undefined ? null : containing(filter.search),
        filter.role ?? null,
        filter.active ?? null,
        after?.at ?? null,
        after?.id ?? null,
        limit,
      ],
    );
  }

  async find(id: string): Promise<DirectoryUser | undefined> {
    return (
      await this.source.query<DirectoryUser[]>(
        `select ${COLUMNS} from users u where u.id = $1 and ${IS_SOMEBODY}`,
        [id],
      )
    )[0];
  }
}
