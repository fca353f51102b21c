import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import { loadSettings } from '../../src/config/load-settings.js';
import type { Settings } from '../../src/config/settings.js';
import { withDataSource } from '../../src/database/data-source.js';
import { EmbeddedMaintenance } from '../../src/database/embedded/maintenance.service.js';
import { newDataDir } from '../support/app.js';

const MB = 1024 * 1024;
/** Beyond this the log is cut off; what it may grow by between two looks comes on top. */
const LIMIT = 128 * MB;

describe('maintenance of the embedded database', () => {
  const dataDir = newDataDir();
  const finished = Promise.withResolvers<void>();
  let settings: Settings;
  let source: DataSource;
  let maintenance: EmbeddedMaintenance;
  let closed: Promise<void>;

  beforeAll(async () => {
    settings = loadSettings({ DATA_DIR: dataDir }, '0.0.0-test');
    const opened = Promise.withResolvers<DataSource>();
    closed = withDataSource(settings, async (dataSource) => {
      opened.resolve(dataSource);
      await finished.promise;
    });
    source = await Promise.race([opened.promise, closed.then(() => Promise.reject(new Error('closed')))]);
  });
  beforeEach(() => {
    maintenance = new EmbeddedMaintenance(source, settings);
    maintenance.onApplicationBootstrap();
  });
  afterEach(() => maintenance.onModuleDestroy());
  afterAll(async () => {
    finished.resolve();
    await closed;
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  /** Where a start after a crash would begin, and how much it would have to go through. */
  const log = async (): Promise<{ redo: string; bytes: number }> => {
    const [row] = await source.query<{ redo: string; bytes: number }[]>(
      `select redo_lsn::text as redo, pg_wal_lsn_diff(pg_current_wal_insert_lsn(), redo_lsn)::float8 as bytes
       from pg_control_checkpoint()`,
    );
    return row!;
  };

  /** Writes changes until a start after a crash would have to go through so much. */
  const growTo = async (bytes: number): Promise<void> => {
    while ((await log()).bytes < bytes)
      await source.query(`select pg_logical_emit_message(false, 'test', repeat('x', $1))`, [4 * MB]);
  };

  it('gathers statistics of tables that changed, and clears away rows that are gone', async () => {
    await source.query('create table busy (id int primary key, value int)');
    await source.query('insert into busy select n, 0 from generate_series(1, 2000) n');
    await source.query('update busy set value = 1');
    const state = async () => {
      // Counts of changes are put together only now and then.
      await source.query('select pg_stat_force_next_flush()');
      const [row] = await source.query<{ rows: number; dead: number; vacuumed: boolean }[]>(
        `select c.reltuples::int as rows, s.n_dead_tup::int as dead, s.last_vacuum is not null as vacuumed
         from pg_class c join pg_stat_user_tables s on s.relid = c.oid where c.relname = 'busy'`,
      );
      return row;
    };
    expect(await state()).toMatchObject({ rows: -1, dead: 2000 });
    await maintenance.run();
    expect(await state()).toEqual({ rows: 2000, dead: 0, vacuumed: true });
    // What has not changed since is left alone.
    const pages = async () =>
      (
        await source.query<object[]>(
          `select last_vacuum, last_analyze from pg_stat_user_tables where relname = 'busy'`,
        )
      )[0];
    const before = await pages();
    await maintenance.run();
    expect(await pages()).toEqual(before);
  });

  it('cuts the log of changes off when it has become long, and not before', async () => {
    await source.query('checkpoint');
    await growTo(LIMIT / 4);
    const before = await log();
    await maintenance.run();
    expect((await log()).redo).toBe(before.redo);
    await growTo(LIMIT);
    await maintenance.run();
    expect((await log()).bytes).toBeLessThan(LIMIT / 8);
  }, 120_000);

  it('leaves the log to a backup that is made, and cuts it off when that has ended', async () => {
    await source.query('checkpoint');
    const other = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 600_000)']);
    await once(other, 'spawn');
    const holder = { pid: other.pid, host: os.hostname(), startedAt: null };
    fs.writeFileSync(path.join(dataDir, 'backup.lock'), JSON.stringify(holder));
    try {
      const before = await log();
      await growTo(LIMIT);
      await maintenance.run();
      expect((await log()).redo).toBe(before.redo);
    } finally {
      other.kill('SIGKILL');
      await once(other, 'exit');
    }
    await maintenance.run();
    expect((await log()).bytes).toBeLessThan(LIMIT / 8);
  }, 120_000);

  it('does so by itself while the server runs, and no longer afterwards', async () => {
    await growTo(LIMIT);
    for (const until = Date.now() + 90_000; (await log()).bytes >= LIMIT; await sleep(250))
      if (Date.now() > until) throw new Error('nobody looked after the log');
    await maintenance.onModuleDestroy();
    await growTo(LIMIT);
    await maintenance.run();
    expect((await log()).bytes).toBeGreaterThanOrEqual(LIMIT);
  }, 180_000);
});
