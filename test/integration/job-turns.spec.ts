import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { loadSettings } from '../../src/config/load-settings.js';
import { withDataSource } from '../../src/database/data-source.js';
import { JobsRepository } from '../../src/jobs/jobs.repository.js';
import { newDataDir } from '../support/app.js';

const QUEUE = 'documents.ingest';
const RUNS = 20;

/** What it costs is a benchmark's business (`npm run bench -- ingest`); what makes it grow is the planner's. */
test('the turn of a job is found by one plan, however many jobs wait', async () => {
  const dataDir = newDataDir();
  try {
    await withDataSource(loadSettings({ DATA_DIR: dataDir }, '0.0.0-test'), async (source) => {
      await source.query(
        `insert into pgboss.queue (name, policy, retry_limit, retry_delay, retry_backoff, expire_seconds,
                                   retention_seconds, deletion_seconds, partition, table_name)
         values ($1, 'standard', 2, 2, true, 900, 900, 900, false, 'job_common')`,
        [QUEUE],
      );
      await source.query(
        `insert into pgboss.job_common (name, data, priority, group_id, policy)
         select $1, '{}', -(n / 20), 'user' || (n % 20), 'standard' from generate_series(0, 19999) n`,
        [QUEUE],
      );
      await source.query('analyze pgboss.job_common');
      const repository = new JobsRepository(source);
      const turn = (owner: string, ...ids: string[]) =>
        repository.nextTurn(source.manager, QUEUE, owner, ids);
      for (let run = 0; run < RUNS; run++)
        expect([await turn(`user${run}`, randomUUID()), await turn(`new${run}`, randomUUID())]).toEqual([
          -1000, 0,
        ]);
      const [plans] = await source.query<{ kept: number; made: number }[]>(
        `select sum(generic_plans)::int as kept, sum(custom_plans)::int as made from pg_prepared_statements
         where statement like 'with gone as%'`,
      );
      expect(plans?.kept).toBeGreaterThan(RUNS);
      // PostgreSQL makes five before it compares.
      expect(plans?.made).toBeLessThanOrEqual(5);

      // One that failed and waits for its next attempt is not the front, unless there is no other.
      await source.query(
        `insert into pgboss.job_common (name, data, priority, group_id, policy, state, start_after)
         values ($1, '{}', 5000, 'poisoned', 'standard', 'retry', now() + interval '1 hour')`,
        [QUEUE],
      );
      expect(await turn('newcomer', randomUUID())).toBe(0);
      await source.query(
        `insert into pgboss.job_common (name, data, priority, group_id, policy, state, start_after)
         select $1, '{}', 100 * n, 'x', 'standard', 'retry', now() + n * interval '1 hour' from generate_series(-1, 1, 2) n`,
        [QUEUE],
      );
      // Its pause is over.
      expect(await turn('newcomer', randomUUID())).toBe(0);
      await source.query(
        `update pgboss.job_common set start_after = now() - interval '1 second' where group_id = 'x' and priority = 100`,
      );
      expect(await turn('newcomer', randomUUID())).toBe(100);
      await source.query(`delete from pgboss.job_common where group_id = 'x'`);
      expect(await turn('poisoned', randomUUID())).toBe(4999);
      await source.query(`delete from pgboss.job_common where group_id = 'poisoned'`);

      // A job that ended before makes way for the same one, and only that.
      const [[gone]] = await source.query<[{ id: string }[], number]>(
        `update pgboss.job_common set state = 'completed' where group_id = 'user7' and priority = -999 returning id`,
      );
      expect(await turn('user7', gone?.id ?? '', randomUUID())).toBe(-999);
      const [left] = await source.query<{ n: number }[]>('select count(*)::int as n from pgboss.job_common');
      expect(left?.n).toBe(19_999);
    });
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}, 60_000);
