import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateIdempotencyKeys20261125050002 implements MigrationInterface {
  name = 'CreateIdempotencyKeys20261125050002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table idempotency_keys (
        user_id uuid not null constraint idempotency_keys_user_fkey references users (id) on delete cascade,
        key_hash bytea not null,
        -- Of method, address and body.
        fingerprint bytea not null,
        -- Whoever works on the request; its hold lapses when the process is lost.
        claim uuid not null,
        locked_until timestamptz not null,
        -- Encrypted; null while the request is being worked on.
        answer bytea,
        expires_at timestamptz not null,
        constraint idempotency_keys_pkey primary key (user_id, key_hash)
      );
      create index idempotency_keys_expires_idx on idempotency_keys (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table idempotency_keys');
  }
}
