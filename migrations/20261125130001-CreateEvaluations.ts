import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateEvaluations20261125130001 implements MigrationInterface {
  name = 'CreateEvaluations20261125130001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table evaluations (
        id uuid constraint evaluations_pkey primary key,
        -- With whose rights it runs.
        user_id uuid not null constraint evaluations_user_fkey references users (id) on delete cascade,
        name varchar(200),
        source varchar(16) not null constraint evaluations_source_check check (source in ('inline', 'feedback')),
        mode varchar(16) not null,
        -- Null is all that the user may read.
        collection_ids uuid[],
        -- Whether the user passed over permission, with a reason that is in the audit log.
        admin_access boolean not null,
        answers boolean not null,
        status varchar(16) not null default 'queued' constraint evaluations_status_check
          check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
        total integer not null,
        done integer not null default 0,
        -- Relevant documents that are not among those searched.
        unknown_judgements integer,
        configuration jsonb,
        metrics jsonb,
        error_code varchar(64),
        error_detail text,
        created_at timestamptz not null default now(),
        started_at timestamptz,
        finished_at timestamptz
      );
      create index evaluations_user_idx on evaluations (user_id, created_at, id);
      create index evaluations_created_idx on evaluations (created_at, id);
      create index evaluations_unfinished_idx on evaluations (created_at) where status in ('queued', 'running');

      create table evaluation_queries (
        evaluation_id uuid constraint evaluation_queries_evaluation_fkey
          references evaluations (id) on delete cascade,
        ordinal integer,
        query_id varchar(200) not null,
        text text not null,
        answerable boolean not null,
        -- Pairs of a document, by its id or its doc_id, and its grade.
        judgements jsonb not null,
        -- What came of it; null until it was asked.
        done_at timestamptz,
        ranking uuid[],
        ndcg10 double precision,
        recall10 double precision,
        recall100 double precision,
        mrr10 double precision,
        took_ms double precision,
        degraded text[],
        answer jsonb,
        constraint evaluation_queries_pkey primary key (evaluation_id, ordinal),
        constraint evaluation_queries_query_key unique (evaluation_id, query_id)
      );
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table evaluation_queries, evaluations');
  }
}
