import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateSecondFactors20261125020003 implements MigrationInterface {
  name = 'CreateSecondFactors20261125020003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table second_factors (
        user_id uuid constraint second_factors_pkey primary key
          constraint second_factors_user_fkey references users (id) on delete cascade,
        -- Encrypted, bound to the user's id.
        secret bytea not null,
        created_at timestamptz not null default now(),
        -- Null until a first code showed that the user's device has the secret; counts for nothing before.
        confirmed_at timestamptz,
        -- The newest time step whose code was used: none up to it is taken again.
        last_step bigint not null default 0
      );

      -- A row goes when its code is used.
      create table recovery_codes (
        user_id uuid not null constraint recovery_codes_user_fkey references second_factors (user_id) on delete cascade,
        code_hash bytea not null,
        constraint recovery_codes_pkey primary key (user_id, code_hash)
      );

      -- When the user last showed all that is asked for at sign-in. Sessions from before count from their beginning.
      alter table refresh_tokens add column authenticated_at timestamptz not null default now();
      update refresh_tokens set authenticated_at = created_at;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table refresh_tokens drop column authenticated_at;
      drop table recovery_codes, second_factors;
    `);
  }
}
