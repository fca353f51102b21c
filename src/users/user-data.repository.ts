import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** A user's own row, for the export. */
@Injectable()
export class UserDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    data.contribute({ name: 'profile', read: (userId) => this.profile(userId) });
  }

  private async *profile(userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(
      `select u.id, u.email, u.username, u.full_name, u.is_active, u.email_verified_at, u.created_at, u.updated_at,
              array(select r.name::text from user_roles ur join roles r on r.id = ur.role_id
                    where ur.user_id = u.id order by r.name) as roles
       from users u where u.id = $1`,
      [userId],
    );
  }
}
