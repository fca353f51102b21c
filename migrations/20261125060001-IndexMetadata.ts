import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IndexMetadata20261125060001 implements MigrationInterface {
  name = 'IndexMetadata20261125060001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      'create index documents_metadata_idx on documents using gin (metadata jsonb_path_ops) where deleted_at is null',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index documents_metadata_idx');
  }
}
