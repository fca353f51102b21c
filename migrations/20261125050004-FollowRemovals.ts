import type { MigrationInterface, QueryRunner } from 'typeorm';

export class FollowRemovals20261125050004 implements MigrationInterface {
  name = 'FollowRemovals20261125050004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The removal of a collection, or of a user with all their collections: hidden at once, taken apart in batches.
      create table removals (
        id uuid constraint removals_pkey primary key,
        kind varchar(16) not null,
        subject_id uuid not null,
        requested_by uuid,
        -- When it began; a file that was just being accepted may come on top.
        documents integer not null,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        constraint removals_kind_known check (kind in ('collection', 'user'))
      );
      create index removals_open_idx on removals (created_at) where finished_at is null;

      -- Comparisons of the database with the stores beside it.
      create table reconciliations (
        id uuid constraint reconciliations_pkey primary key,
        dry_run boolean not null,
        requested_by uuid,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        error varchar(500),
        report jsonb
      );
      create index reconciliations_created_idx on reconciliations (created_at);

      create index document_versions_file_key_idx on document_versions (file_key collate "C") where file_key is not null;
      alter table vector_indexes add column retired_at timestamptz;
      update vector_indexes set retired_at = now() where state = 'retired';
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      alter table vector_indexes drop column retired_at;
      drop index document_versions_file_key_idx;
      drop table reconciliations, removals;
    `);
  }
}
