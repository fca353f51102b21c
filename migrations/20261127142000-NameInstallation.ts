import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NameInstallation20261127142000 implements MigrationInterface {
  name = 'NameInstallation20261127142000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One row: which database this is, so that a store of files can be told to be its own.
      create table installation (
        is_only boolean not null default true
          constraint installation_pkey primary key constraint installation_one_row_check check (is_only),
        id uuid not null default gen_random_uuid(),
        -- Whether a store without a mark that holds known files is taken for its own: not by a copy of another database.
        claims_files boolean not null default true,
        -- Opens with the key that secrets in this database are encrypted with. Null: the next start decides which that is.
        key_check bytea
      );
      -- An id that this database and its dumps have from the beginning: made again, it is still the one of its store.
      insert into installation (id)
        select coalesce((select id from roles where name = 'admin'), gen_random_uuid());
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table installation');
  }
}
