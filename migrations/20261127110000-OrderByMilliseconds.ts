import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Times that lists are ordered by. A cursor holds milliseconds, so the columns must hold no more. */
const ORDERED: readonly (readonly [table: string, column: string])[] = [
  ['answers', 'created_at'],
  ['api_keys', 'created_at'],
  ['collection_grants', 'created_at'],
  ['collections', 'created_at'],
  ['conversations', 'updated_at'],
  ['documents', 'created_at'],
  ['evaluations', 'created_at'],
  ['refresh_tokens', 'created_at'],
  ['users', 'created_at'],
  ['webhook_deliveries', 'created_at'],
  ['webhook_endpoints', 'created_at'],
];

export class OrderByMilliseconds20261127110000 implements MigrationInterface {
  name = 'OrderByMilliseconds20261127110000';

  async up(runner: QueryRunner): Promise<void> {
    await this.lockAll(runner);
    // Cut off, not rounded: so the cursors did, and those that clients hold stay right.
    for (const [table, column] of ORDERED)
      await runner.query(
        `alter table ${table} alter column ${column} type timestamptz(3) using date_trunc('milliseconds', ${column})`,
      );
    await runner.query('create index users_page_idx on users (created_at, id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await this.lockAll(runner);
    await runner.query('drop index users_page_idx');
    for (const [table, column] of ORDERED)
      await runner.query(`alter table ${table} alter column ${column} type timestamptz`);
  }

  /** All at once, before anything is changed: one after another they would be taken across somebody who is still writing. */
  private async lockAll(runner: QueryRunner): Promise<void> {
    await runner.query(`lock table ${ORDERED.map(([table]) => table).join(', ')} in access exclusive mode`);
  }
}
