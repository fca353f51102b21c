import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KnowNetworksOfSessions20261125180001 implements MigrationInterface {
  name = 'KnowNetworksOfSessions20261125180001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Networks that the session was used from before the present address, newest last: going back is no news.
      alter table refresh_tokens add column networks text[] not null default '{}';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table refresh_tokens drop column networks');
  }
}
