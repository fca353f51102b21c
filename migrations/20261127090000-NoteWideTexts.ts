import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NoteWideTexts20261127090000 implements MigrationInterface {
  name = 'NoteWideTexts20261127090000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Whether the text has characters of two UTF-16 units, so that offsets are not the same here and in citations. Null
      -- where nobody looked: texts of before.
      alter table document_versions add column wide boolean;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table document_versions drop column wide');
  }
}
