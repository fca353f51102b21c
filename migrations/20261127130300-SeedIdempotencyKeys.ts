import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SeedIdempotencyKeys20261127130300 implements MigrationInterface {
  name = 'SeedIdempotencyKeys20261127130300';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What ids are derived from, beside the request. Null: a process of the version before took the key, and derives
      -- them from the request alone.
      alter table idempotency_keys add column seed uuid;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table idempotency_keys drop column seed');
  }
}
