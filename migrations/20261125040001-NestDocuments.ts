import type { MigrationInterface, QueryRunner } from 'typeorm';

export class NestDocuments20261125040001 implements MigrationInterface {
  name = 'NestDocuments20261125040001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table documents
        -- The mail or archive that a file was in; it goes where that goes.
        add column parent_id uuid constraint documents_parent_fkey references documents (id) on delete set null,
        -- The file that was uploaded, for what is in it at any depth.
        add column root_id uuid,
        -- Where it stood in the parent.
        add column part_name varchar(512),
        add column part_depth smallint not null default 0,
        add constraint documents_part_named check (parent_id is null or (part_name is not null and root_id is not null));
      create unique index documents_part_key on documents (parent_id, part_name) where parent_id is not null and deleted_at is null;
      create index documents_parent_idx on documents (parent_id) where parent_id is not null;
      create index documents_root_idx on documents (root_id) where root_id is not null;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop index documents_root_idx, documents_parent_idx, documents_part_key;
      alter table documents
        drop constraint documents_part_named, drop column part_depth, drop column part_name, drop column root_id, drop column parent_id;
    `);
  }
}
