import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeepMetadataObjects20261127110001 implements MigrationInterface {
  name = 'KeepMetadataObjects20261127110001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- A null in a request was once stored as it came.
      update documents set metadata = '{}' where jsonb_typeof(metadata) <> 'object';
      alter table documents add constraint documents_metadata_object check (jsonb_typeof(metadata) = 'object');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table documents drop constraint documents_metadata_object');
  }
}
