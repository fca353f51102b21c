import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ShareDeliveries20261125210001 implements MigrationInterface {
  name = 'ShareDeliveries20261125210001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What is due for one endpoint, without passing over what waits for the others.
      create index webhook_deliveries_turn_idx on webhook_deliveries (endpoint_id, next_at) where state = 'pending';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index webhook_deliveries_turn_idx');
  }
}
