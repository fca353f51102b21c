import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { PersonalData } from '../privacy/personal-data.service.js';

/** What authentication keeps about a user, for the export: everything but what is secret or its hash. */
@Injectable()
export class AuthDataRepository {
  constructor(
    private readonly source: DataSource,
    data: PersonalData,
  ) {
    const rows = (sql: string) => (userId: string) => this.rows(sql, userId);
    data.contribute({
      name: 'sessions',
      read: rows(
        `select id, device_id, device_name, ip, networks, user_agent, created_at, last_used_at, authenticated_at, revoked_at,
                revoked_reason, expires_at
         from refresh_tokens where user_id = $1 order by created_at, id`,
      ),
    });
    data.contribute({
      name: 'api_keys',
      read: rows(
        `select id, name, prefix, scopes, collection_ids, created_at, expires_at, last_used_at, revoked_at
         from api_keys where user_id = $1 order by created_at, id`,
      ),
    });
    data.contribute({
      name: 'second_factors',
      read: rows(
        `select 'totp' as kind, f.created_at, f.confirmed_at,
                (select count(*)::int from recovery_codes c where c.user_id = f.user_id) as recovery_codes_left
         from second_factors f where f.user_id = $1`,
      ),
    });
    data.contribute({
      name: 'pending_mails',
      read: rows(
        `select purpose, email, created_at, expires_at from account_tokens where user_id = $1 order by purpose`,
      ),
    });
  }

  private async *rows(sql: string, userId: string): AsyncGenerator<object> {
    yield* await this.source.query<object[]>(sql, [userId]);
  }
}
