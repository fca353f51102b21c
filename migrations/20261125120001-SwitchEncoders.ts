import type { MigrationInterface, QueryRunner } from 'typeorm';

export class SwitchEncoders20261125120001 implements MigrationInterface {
  name = 'SwitchEncoders20261125120001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The index before the last switch stays until somebody removes it, so that one can go back to it.
      alter table vector_indexes add column kept boolean not null default false;

      -- How far a version is in an index that does not answer yet. What the index that answers lacks is counted in
      -- document_versions and embedding_backlog; a version is whole in an index if either of them says so.
      create table rebuilt_versions (
        version_id uuid not null
          constraint rebuilt_versions_version_fkey references document_versions (id) on delete cascade,
        index_id uuid not null
          constraint rebuilt_versions_index_fkey references vector_indexes (id) on delete cascade,
        embedded_count integer not null,
        whole boolean not null,
        constraint rebuilt_versions_pkey primary key (version_id, index_id)
      );
      create index rebuilt_versions_index_idx on rebuilt_versions (index_id);

      -- Changes of the encoder, and returns to the one before.
      create table encoder_switches (
        id uuid constraint encoder_switches_pkey primary key,
        kind varchar(16) not null,
        phase varchar(16) not null,
        model_id varchar(255) not null,
        from_model_id varchar(255),
        index_id uuid not null,
        from_index_id uuid,
        activate varchar(16) not null,
        remove_old boolean not null,
        sample jsonb,
        comparison jsonb,
        done integer not null default 0,
        total integer not null default 0,
        detail varchar(500),
        -- The run that works on it. A lease lapses, so that what a lost process held is taken over.
        runner uuid,
        leased_until timestamptz,
        requested_by uuid,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        constraint encoder_switches_kind_known check (kind in ('switch', 'rollback')),
        constraint encoder_switches_activate_known check (activate in ('always', 'if_not_worse', 'manual')),
        constraint encoder_switches_phase_known
          check (phase in ('building', 'comparing', 'ready', 'preparing', 'switching', 'done', 'cancelled', 'failed')),
        constraint encoder_switches_end_known check ((finished_at is null) = (phase not in ('done', 'cancelled', 'failed')))
      );
      create unique index encoder_switches_open_key on encoder_switches ((true)) where finished_at is null;
      create index encoder_switches_created_idx on encoder_switches (created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop table encoder_switches, rebuilt_versions;
      alter table vector_indexes drop column kept;
    `);
  }
}
