import type { MigrationInterface, QueryRunner } from 'typeorm';

export class StoreTextsUncompressed20261127030000 implements MigrationInterface {
  name = 'StoreTextsUncompressed20261127030000';

  async up(runner: QueryRunner): Promise<void> {
    // Compression took most of the time of writing a long text, in which the embedded database answers nobody else.
    // What is there already stays as it is.
    await runner.query('alter table document_versions alter column text set storage external');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table document_versions alter column text set storage extended');
  }
}
