import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KnowWhoRegistered20261125170001 implements MigrationInterface {
  name = 'KnowWhoRegistered20261125170001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Hash of what the registering browser keeps in a cookie; null for a client that keeps none, or an older one.
      alter table account_requests add column browser_hash bytea;
      alter table pending_registrations add column browser_hash bytea;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table pending_registrations drop column browser_hash;
      alter table account_requests drop column browser_hash;
    `);
  }
}
