// How long it takes to claim and to add a job, by the number of jobs that wait: with the queue of the server and no
// worker.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { PgBoss } from 'pg-boss';
import { loadSettings } from '../../dist/config/load-settings.js';
import { withDataSource } from '../../dist/database/data-source.js';
import { JobsRepository } from '../../dist/jobs/jobs.repository.js';

const QUEUE = 'documents.ingest';
const CLAIMS = 200;
const ADDED_AT_ONCE = 1000;
const USERS = 20;

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function timed(count, work) {
  const milliseconds = [];
  for (let i = 0; i < count; i++) {
    const startedAt = performance.now();
    await work(i);
    milliseconds.push(performance.now() - startedAt);
  }
  return median(milliseconds);
}

async function fill(source, from, to) {
  for (let next = from; next < to; next += ADDED_AT_ONCE)
    await source.query(
      `insert into pgboss.job_common (name, data, priority, group_id, policy, heartbeat_seconds)
       select $1, '{}', -(n / $4)::int, 'user' || (n % $4), 'standard', 20
       from generate_series($2::int, $3::int) as n`,
      [QUEUE, next, Math.min(to, next + ADDED_AT_ONCE) - 1, USERS],
    );
  await source.query('analyze pgboss.job_common');
}

/**
 * @param sizes of the queue, ascending
 * @param env of the database; by default the embedded one
 * @returns for each the medians of claiming, of finding an owner's turn and of adding, in milliseconds
 */
export async function claimTimes(sizes, report, env = {}) {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-bench-'));
  try {
    return await withDataSource(loadSettings({ DATA_DIR: dataDir, ...env }, '0.0.0'), async (source) => {
      await source.runMigrations();
      const db = { executeSql: async (text, values) => ({ rows: rowsOf(await source.query(text, values)) }) };
      const boss = new PgBoss({ db, migrate: false, createSchema: false, supervise: false, schedule: false });
      boss.on('error', (error) => report('jobs', error.message));
      await boss.start();
      await boss.createQueue(QUEUE, { policy: 'standard', heartbeatSeconds: 20 });
      const times = [];
      let filled = 0;
      for (const waiting of sizes) {
        report('jobs', `${waiting} waiting`);
        await fill(source, filled, waiting + CLAIMS);
        filled = waiting + CLAIMS;
        const milliseconds = await timed(CLAIMS, () => boss.fetch(QUEUE));
        const jobs = new JobsRepository(source);
        const turn = await timed(CLAIMS, (i) =>
          jobs.nextTurn(source.manager, QUEUE, `user${i % (2 * USERS)}`, []),
        );
        const adding = await timed(CLAIMS, (i) =>
          boss.send(QUEUE, {}, { priority: -1_000_000 - i, group: { id: 'user0' } }),
        );
        times.push({ waiting, milliseconds, turn, adding });
      }
      await boss.stop({ graceful: true, timeout: 1000, close: false });
      return times;
    });
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The driver answers writes with rows and their number. */
const rowsOf = (answer = []) => (Array.isArray(answer[0]) ? answer[0] : answer);
