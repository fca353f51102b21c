import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppError } from '../../common/errors/app-error.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { ApiKeyRow, LiveKey, NewApiKey } from './api-key.types.js';
import type { NewKey } from './api-key-format.js';

const LIVE = 'k.revoked_at is null and (k.expires_at is null or k.expires_at > now())';
const COLUMNS = `k.id, k.name, k.prefix, k.scopes, k.collection_ids as "collectionIds",
  k.created_at as "createdAt", k.expires_at as "expiresAt", k.last_used_at as "lastUsedAt"`;

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly source: DataSource) {}

  async count(userId: string, transaction: Transaction): Promise<number> {
    const [row] = await transaction.query<{ n: number }[]>(
      `select count(*)::int as n from api_keys k where k.user_id = $1 and ${LIVE}`,
      [userId],
    );
    return row?.n ?? 0;
  }

  async insert(
    userId: string,
    wanted: NewApiKey,
    { id, prefix, hash }: NewKey & { id: string },
    transaction: Transaction,
  ): Promise<ApiKeyRow> {
    const rows = await transaction.query<ApiKeyRow[]>(
      `insert into api_keys as k (id, user_id, name, prefix, hash, scopes, collection_ids, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8))
       -- Made by the same request before, whose answer with the key nobody got.
       on conflict (id) do update set prefix = excluded.prefix, hash = excluded.hash
       where k.user_id = excluded.user_id and k.revoked_at is null returning ${COLUMNS}`,
      [id, userId, wanted.name, prefix, hash, wanted.scopes, wanted.collectionIds, wanted.expiresInDays],
    );
    const [row] = rows;
    if (!row) throw new AppError('conflict', 'The key of this request was made and revoked before.');
    return row;
  }

  /** Newest first, without those that were revoked; an expired one shows until it is deleted. */
  list(userId: string, after: { at: string; id: string } | undefined, limit: number): Promise<ApiKeyRow[]> {
    return this.source.query<ApiKeyRow[]>(
      `select ${COLUMNS} from api_keys k
       where k.user_id = $1 and k.revoked_at is null
         and ($2::timestamptz is null or (k.created_at, k.id) < ($2::timestamptz, $3::uuid))
       order by k.created_at desc, k.id desc limit $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  /** Its prefix; undefined unless it is a key of this user that was not revoked before. */
  async revoke(userId: string, id: string, transaction: Transaction): Promise<string | undefined> {
    const [rows] = await transaction.query<[{ prefix: string }[], number]>(
      `update api_keys set revoked_at = now() where id = $1 and user_id = $2 and revoked_at is null returning prefix`,
      [id, userId],
    );
    return rows[0]?.prefix;
  }

  async revokeAll(userId: string, transaction: Transaction): Promise<{ id: string; prefix: string }[]> {
    const [rows] = await transaction.query<[{ id: string; prefix: string }[], number]>(
      'update api_keys set revoked_at = now() where user_id = $1 and revoked_at is null returning id, prefix',
      [userId],
    );
    return rows;
  }

  /** Undefined unless the key lives and its owner is active. */
  async findLive(prefix: string): Promise<LiveKey | undefined> {
    const rows = await this.source.query<LiveKey[]>(
      `select k.id, k.hash, k.scopes, k.collection_ids as "collectionIds", u.id as "userId", u.email, u.username,
              u.full_name as "fullName", u.email_verified_at is not null as "emailVerified",
              exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as "secondFactor",
              array(select r.name::text from user_roles ur join roles r on r.id = ur.role_id
                    where ur.user_id = u.id order by r.name) as roles
       from api_keys k join users u on u.id = k.user_id
       where k.prefix = $1 and ${LIVE} and u.is_active`,
      [prefix],
    );
    return rows[0];
  }

  /** At most once a minute, whatever the number of processes. */
  async touch(id: string): Promise<void> {
    await this.source.query(
      `update api_keys set last_used_at = now()
       where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')`,
      [id],
    );
  }
}
