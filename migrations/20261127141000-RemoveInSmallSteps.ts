import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RemoveInSmallSteps20261127141000 implements MigrationInterface {
  name = 'RemoveInSmallSteps20261127141000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- What is left of a removal, however much else there is.
      create index documents_deleted_idx on documents (collection_id) where deleted_at is not null;
      -- A version whose file could not be deleted is left alone until then, longer each time.
      alter table removable_versions add column put_off_until timestamptz, add column tries smallint not null default 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table removable_versions drop column put_off_until, drop column tries;
      drop index documents_deleted_idx;
    `);
  }
}
