import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RefuseVectors20261125130710 implements MigrationInterface {
  name = 'RefuseVectors20261125130710';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table embedding_backlog
        -- Times that this version failed alone: each makes the pause before the next one longer.
        add column attempts smallint not null default 0,
        -- Of these, the times that encoder and store were well, so that it was the text's fault.
        add column refusals smallint not null default 0;

      -- Versions that cannot become whole in an index, and why. Another index may take them.
      create table refused_versions (
        version_id uuid not null
          constraint refused_versions_version_fkey references document_versions (id) on delete cascade,
        index_id uuid not null
          constraint refused_versions_index_fkey references vector_indexes (id) on delete cascade,
        detail varchar(500) not null,
        refused_at timestamptz not null default now(),
        constraint refused_versions_pkey primary key (version_id, index_id)
      );
      create index refused_versions_index_idx on refused_versions (index_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table refused_versions;
      alter table embedding_backlog drop column refusals, drop column attempts;
    `);
  }
}
