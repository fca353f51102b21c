import fs from 'node:fs';
import type { PgBoss } from 'pg-boss';
import { JobQueue } from '../../src/jobs/job-queue.service.js';
import { newDataDir, startTestApp } from '../support/app.js';

const SELECT = `
  select q.name, q.policy, q.retry_limit, q.retry_delay_max, q.expire_seconds, q.deletion_seconds, q.heartbeat_seconds, s.cron
  from pgboss.queue q left join pgboss.schedule s using (name) order by q.name`;

/** Runs on the same data each time, as versions after one another do. */
async function started<T>(
  dataDir: string,
  work: (query: (sql: string) => Promise<T[]>) => Promise<T[]>,
): Promise<T[]> {
  const app = await startTestApp({ DATA_DIR: dataDir });
  try {
    return await work((sql) => app.source.query(sql));
  } finally {
    await app.close();
  }
}

test('queues and schedules are what this version wants, whatever an earlier one left', async () => {
  const dataDir = newDataDir();
  try {
    const first = await started<object>(dataDir, async (query) => {
      const rows = await query(SELECT);
      await query(
        `update pgboss.queue set retry_limit = 99, heartbeat_seconds = null where name = 'documents.ingest'`,
      );
      await query(`update pgboss.schedule set cron = '0 0 1 1 *' where name = 'documents.embed'`);
      await query(`delete from pgboss.queue where name = 'evaluations.run'`);
      return rows;
    });
    expect(first.length).toBeGreaterThan(10);
    expect(first).toContainEqual(
      expect.objectContaining({ name: 'documents.ingest', heartbeat_seconds: 20 }),
    );

    const second = await started<object>(dataDir, (query) => query(SELECT));
    expect(second).toEqual(first);

    const TOUCHED = 'select name, updated_on from pgboss.queue order by name';
    const before = await started<object>(dataDir, (query) => query(TOUCHED));
    expect(await started<object>(dataDir, (query) => query(TOUCHED))).toEqual(before);
  } finally {
    fs.rmSync(dataDir, { recursive: true, force: true });
  }
});

test('a transaction of the library that fails half-way is not left to the next one on its connection', async () => {
  const app = await startTestApp();
  try {
    const { boss } = app.app.get<{ boss: PgBoss }>(JobQueue);
    // As it sends them itself: one text, of which `commit` is never reached.
    const upkeep = (): Promise<unknown> => boss.getDb().executeSql('begin; select 1 / 0; commit;');
    for (let round = 0; round < 3; round++) {
      await expect(upkeep()).rejects.toThrow('division by zero');
      const found = await Promise.all(
        Array.from({ length: 20 }, () => app.source.query<{ one: number }[]>('select 1 as one')),
      );
      expect(found.flat()).toHaveLength(20);
    }
    expect((await app.http().get('/health/ready')).status).toBe(200);
  } finally {
    await app.close();
  }
});

test('a connection in a transaction that nobody ends is given up', async () => {
  const app = await startTestApp();
  try {
    // Whoever takes it next learns of it, and perhaps one who takes it before it is closed.
    await expect(app.source.query('begin; select 1 / 0; commit;')).rejects.toThrow('division by zero');
    const first = await Promise.allSettled(
      Array.from({ length: 20 }, () => app.source.query<{ one: number }[]>('select 1 as one')),
    );
    expect(first.filter(({ status }) => status === 'rejected').length).toBeLessThanOrEqual(3);
    const later = await Promise.all(
      Array.from({ length: 20 }, () => app.source.query<{ one: number }[]>('select 1 as one')),
    );
    expect(later.flat()).toHaveLength(20);
  } finally {
    await app.close();
  }
});
