import type { MigrationInterface, QueryRunner } from 'typeorm';

export class KeepPageStarts20261127140000 implements MigrationInterface {
  name = 'KeepPageStarts20261127140000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- [[page, start], ...] in the order of the text, UTF-16 units: a passage may go on over the end of its page. Null where
      -- there are no pages, and where nobody looked: files that were read before.
      alter table document_versions add column page_starts jsonb;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table document_versions drop column page_starts');
  }
}
