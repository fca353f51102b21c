import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table of rate-limiter-flexible, which starts with its own table creation off; it relies on the order of columns. */
export class CreateRateLimits20261125010001 implements MigrationInterface {
  name = 'CreateRateLimits20261125010001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table rate_limits (
        key varchar(255) constraint rate_limits_pkey primary key,
        points integer not null default 0,
        -- Milliseconds since 1970.
        expire bigint
      );
      create index rate_limits_expire_idx on rate_limits (expire);

      -- Whether a device has signed in to an account before.
      create index refresh_tokens_device_idx on refresh_tokens (user_id, device_key);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index refresh_tokens_device_idx;
      drop table rate_limits;
    `);
  }
}
