import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A signed-in user's wish for another address takes the same path as what strangers ask for. */
export class AddAddressRequests20261125020002 implements MigrationInterface {
  name = 'AddAddressRequests20261125020002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table account_requests
        add column user_id uuid constraint account_requests_user_fkey references users (id) on delete cascade,
        drop constraint account_requests_kind_known,
        add constraint account_requests_kind_known
          check (kind in ('register', 'forgot', 'resend', 'change_address'));
      create index account_requests_user_idx on account_requests (user_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      delete from account_requests where kind = 'change_address';
      alter table account_requests
        drop column user_id,
        drop constraint account_requests_kind_known,
        add constraint account_requests_kind_known check (kind in ('register', 'forgot', 'resend'));
    `);
  }
}
