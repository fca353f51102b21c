import type { MigrationInterface, QueryRunner } from 'typeorm';

export class TakeTurns20261125050003 implements MigrationInterface {
  name = 'TakeTurns20261125050003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Who waits where: the last place of a user in a queue of jobs. The front of it is served by the library's own.
      create index job_turns_idx on pgboss.job_common (name, group_id, priority) where state < 'active';

      alter table document_versions
        -- Counts the runs that read this file: only the last one may publish.
        add column read_attempt integer not null default 0,
        -- Runs that began and did not come to an end: their process was lost.
        add column read_unfinished integer not null default 0,
        -- Runs that ended with an error that nobody expected.
        add column read_failures integer not null default 0;

      alter table embedding_backlog add column owner_id uuid, add column turn bigint not null default 0;
      drop index embedding_backlog_order_idx;
      create index embedding_backlog_order_idx on embedding_backlog (turn, enqueued_at, version_id);
      create index embedding_backlog_owner_idx on embedding_backlog (owner_id, turn);

      -- Lines versions up for the encoder. Each user has a line of their own, as long as the passages in it; whoever
      -- joins begins level with the one being served, so that nobody waits for the whole of somebody else's.
      create function line_up_for_encoder(versions uuid[]) returns integer language sql as $$
        with sized as (
          select v.id, d.created_by as owner_id, greatest(1, v.chunk_count / 32) as weight
          from document_versions v join documents d on d.id = v.document_id
          where v.id = any(versions) and not exists (select 1 from embedding_backlog b where b.version_id = v.id)
        ), bases as (
          select o.owner_id, coalesce(
            (select b.turn + 1 from embedding_backlog b where b.owner_id = o.owner_id order by b.turn desc limit 1),
            (select b.turn from embedding_backlog b order by b.turn, b.enqueued_at, b.version_id limit 1), 0) as base
          from (select distinct owner_id from sized) o
        ), lined as (
          insert into embedding_backlog (version_id, owner_id, turn)
          select s.id, s.owner_id,
                 b.base + sum(s.weight) over (partition by s.owner_id order by s.id) - s.weight
          from sized s join bases b on b.owner_id is not distinct from s.owner_id
          on conflict do nothing returning 1
        )
        select count(*)::int from lined
      $$;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      drop function line_up_for_encoder(uuid[]);
      drop index embedding_backlog_owner_idx, embedding_backlog_order_idx;
      create index embedding_backlog_order_idx on embedding_backlog (enqueued_at, version_id);
      alter table embedding_backlog drop column turn, drop column owner_id;
      alter table document_versions drop column read_failures, drop column read_unfinished, drop column read_attempt;
      drop index pgboss.job_turns_idx;
    `);
  }
}
