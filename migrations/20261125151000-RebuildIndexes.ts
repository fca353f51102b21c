import type { MigrationInterface, QueryRunner } from 'typeorm';

export class RebuildIndexes20261125151000 implements MigrationInterface {
  name = 'RebuildIndexes20261125151000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Making an index again from the database: at the wish of an administrator, or because its store lost it.
      create table index_rebuilds (
        id uuid constraint index_rebuilds_pkey primary key,
        what varchar(16) not null,
        -- Of vectors.
        index_id uuid,
        -- The store has nothing of it: until it is whole again, nobody is answered from it.
        lost boolean not null default false,
        -- Versions up to this one, in the order of their ids, have been lined up to be embedded again.
        lined_up_through uuid,
        lined_up boolean not null default false,
        -- When it began, the last time that it had to begin; as exact as the application can tell times apart.
        since timestamptz not null default date_trunc('milliseconds', now()),
        detail varchar(500),
        -- The run that works on it. A lease lapses, so that what a lost process held is taken over.
        runner uuid,
        leased_until timestamptz,
        requested_by uuid,
        created_at timestamptz not null default now(),
        finished_at timestamptz,
        failed boolean not null default false,
        constraint index_rebuilds_what_known check (what in ('words', 'vectors')),
        constraint index_rebuilds_vectors_named check ((what = 'vectors') = (index_id is not null))
      );
      create unique index index_rebuilds_open_key on index_rebuilds (what) where finished_at is null;
      create index index_rebuilds_created_idx on index_rebuilds (what, created_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table index_rebuilds');
  }
}
