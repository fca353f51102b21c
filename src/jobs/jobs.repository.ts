import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type { JobCounts, JobQuery, JobRow } from './jobs.types.js';

/** Internal queues of the library are nobody's business. */
const OURS = `j.name not like '\\_\\_%'`;
const COLUMNS = `
  j.id, j.name, j.state::text as state, j.group_id as owner_id, j.data, j.retry_count as attempts,
  coalesce(j.output -> 'value' ->> 'message', j.output ->> 'message') as error,
  j.created_on as created_at, j.start_after, j.started_on as started_at, j.completed_on as completed_at`;

/** What the library's tables say beyond what it offers to ask. */
@Injectable()
export class JobsRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * The priority with which an owner's next job takes its turn: behind the owner's last one, or level with the job
   * at the front, passing over those that failed and wait for another attempt: nobody is served there now. Queues are served from the highest priority down, so owners are served in turn however long the
   * line of one is. Whoever calls holds a lock of the owner. Jobs with these ids, which ended before, make way.
   */
  async nextTurn(tx: Transaction, name: string, ownerId: string, ids: readonly string[]): Promise<number> {
    // Through `array(select ...)` the plan does not depend on how many ids there are. Else the embedded database, which
    // keeps plans, would make a new one each time as soon as the table is large.
    const [row] = await tx.query<{ priority: number }[]>(
      `with gone as (
         delete from pgboss.job where name = $1 and id = any(array(select unnest($3::uuid[]))))
       select coalesce(
         (select j.priority - 1 from pgboss.job j
          where j.name = $1 and j.group_id = $2 and j.state < 'active' order by j.priority limit 1),
         (select j.priority from pgboss.job j
          where j.name = $1 and j.state < 'active' and not j.blocked
            and (j.state = 'created' or j.start_after <= clock_timestamp())
          order by j.priority desc, j.created_on limit 1),
         -- Where all of them wait.
         (select j.priority from pgboss.job j
          where j.name = $1 and j.state < 'active' and not j.blocked order by j.priority desc, j.created_on limit 1),
         0) as priority`,
      [name, ownerId, ids],
    );
    return row?.priority ?? 0;
  }

  /** Those of these jobs that neither wait nor run. */
  async missing(name: string, ids: readonly string[]): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select t.id from unnest($2::uuid[]) as t (id)
       where not exists (select 1 from pgboss.job j where j.name = $1 and j.id = t.id and j.state <= 'active')`,
      [name, ids],
    );
    return rows.map((row) => row.id);
  }

  /** Puts back what a process held that has ended; only for its only successor. */
  async releaseAll(): Promise<void> {
    await this.source.query(
      `update pgboss.job set state = 'retry', start_after = now(), started_on = null, heartbeat_on = null
       where state = 'active'`,
    );
  }

  /** Jobs by kind and state. */
  counts(): Promise<JobCounts[]> {
    return this.source.query<JobCounts[]>(
      `select j.name, j.state::text as state, count(*)::int as count from pgboss.job j where ${OURS} group by 1, 2 order by 1, 2`,
    );
  }

  /** Newest first. */
  page(query: JobQuery): Promise<JobRow[]> {
    return this.source.query<JobRow[]>(
      `select ${COLUMNS} from pgboss.job j
       where ${OURS} and ($1::text is null or j.name = $1) and ($2::text is null or j.state = $2::pgboss.job_state)
         and ($3::text is null or j.group_id = $3)
         and ($4::timestamptz is null or (date_trunc('milliseconds', j.created_on), j.id) < ($4::timestamptz, $5::uuid))
       order by date_trunc('milliseconds', j.created_on) desc, j.id desc limit $6`,
      [
        query.name ?? null,
        query.state ?? null,
        query.ownerId ?? null,
        query.after?.at ?? null,
        query.after?.id ?? null,
        query.limit,
      ],
    );
  }

  async find(id: string): Promise<JobRow | undefined> {
    const rows = await this.source.query<JobRow[]>(
      `select ${COLUMNS} from pgboss.job j where ${OURS} and j.id = $1`,
      [id],
    );
    return rows[0];
  }

  /** Resolves when jobs can be enqueued. */
  async ping(): Promise<void> {
    await this.source.query('select 1 from pgboss.version');
  }
}
