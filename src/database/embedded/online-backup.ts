import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { StartError } from '../../config/config-error.js';
import type { Locations } from '../../config/settings.js';
import { DataDirLock } from './data-dir-lock.js';
import { EmbeddedDatabase, SOCKET_PORT } from './embedded-database.js';

/** Held while a backup is made: the log that it needs is then left alone. */
const BACKUP_LOCK = 'backup.lock';
const BOOT_LIMIT_MS = 60_000;
const POLL_MS = 200;
/** Object not in prerequisite state: the session has a backup going already. */
const IN_PROGRESS = '55000';

const clusterDir = (dataDir: string): string => path.join(dataDir, 'postgres');

/** What has to be copied after the files of the cluster. */
export interface EndOfBackup {
  /** Content of the file `backup_label`, by which the copy is brought to one moment when it is opened. */
  label: string;
  /** Names in `pg_wal`, from the first that the copy needs to the last. */
  log: string[];
}

/** Whether a living process makes a backup of this data directory. */
export const isBeingBackedUp = (dataDir: string): boolean =>
  DataDirLock.holder(dataDir, BACKUP_LOCK) !== undefined;

/** Keeps a second backup of the same data directory out. @throws StartError */
export function lockForBackup(dataDir: string): DataDirLock {
  return DataDirLock.acquire(dataDir, BACKUP_LOCK, `a backup of ${dataDir} is made already`);
}

/**
 * The embedded database as a backup sees it: files that may be copied while it works on them, between `begin` and
 * `end`. Requests go on meanwhile; they wait only for the checkpoint with which it begins.
 */
export class OnlineBackup {
  private copying = false;

  private constructor(
    private readonly client: Client,
    readonly cluster: string,
  ) {}

  /**
   * Runs `work` on the database of the server that runs, or else on one that is started for it.
   * @throws StartError where there is none, or it is out of reach
   */
  static async with<T>(locations: Locations, work: (backup: OnlineBackup) => Promise<T>): Promise<T> {
    const cluster = clusterDir(locations.dataDir);
    if (!fs.existsSync(path.join(cluster, 'PG_VERSION')))
      throw new StartError(`there is no embedded database in ${locations.dataDir}`);
    const running = await socketOfServer(locations.dataDir);
    const own = running === undefined ? await EmbeddedDatabase.start(locations) : undefined;
    try {
      const host = running ?? own!.socketDir;
      const client = new Client({ host, port: SOCKET_PORT, user: 'postgres', database: 'postgres' });
      // Whoever uses it next hears of a connection that broke.
      client.on('error', () => undefined);
      await client.connect();
      const backup = new OnlineBackup(client, cluster);
      try {
        return await work(backup);
      } finally {
        if (backup.copying) await backup.end().catch(() => undefined);
        await client.end().catch(() => undefined);
      }
    } finally {
      await own?.stop();
    }
  }

  /** The last migration that has run. */
  async lastMigration(): Promise<string | null> {
    const { rows } = await this.client.query<{ name: string }>(
      'select name from schema_migrations order by "timestamp" desc limit 1',
    );
    return rows[0]?.name ?? null;
  }

  async begin(): Promise<void> {
    const start = "select pg_backup_start('ai-backend', true)";
    try {
      await this.client.query(start);
    } catch (error) {
      // All connections share one session. We hold the lock, so whoever began this one has ended without a word.
      if ((error as { code?: string }).code !== IN_PROGRESS) throw error;
      await this.client.query('select pg_backup_stop(false)');
      await this.client.query(start);
    }
    this.copying = true;
  }

  async end(): Promise<EndOfBackup> {
    this.copying = false;
    const { rows } = await this.client.query<{ label: string; last: string }>(
      'select labelfile as label, pg_walfile_name(lsn) as last from pg_backup_stop(false)',
    );
    const { label, last } = rows[0]!;
    const first = /^START WAL LOCATION: \S+ \(file ([0-9A-F]{24})\)$/m.exec(label)?.[1];
    if (first === undefined) throw new Error('the database does not say where its backup begins');
    const names = await fs.promises.readdir(path.join(this.cluster, 'pg_wal'));
    const log = names
      .filter((name) => /^[0-9A-F]{24}$/.test(name) && name >= first && name <= last)
      .toSorted();
    if (log[0] !== first || log.at(-1) !== last)
      throw new Error('the log that the backup needs is not there');
    return { label, log };
  }

  /** @throws StartError where the server has ended since: what was copied after that may lack something */
  async requireStillThere(): Promise<void> {
    try {
      await this.client.query('select 1');
    } catch {
      throw new StartError('the server ended while its backup was made; try again');
    }
  }
}

/** Where the database of a running server is reached; undefined where none runs. @throws StartError */
export async function socketOfServer(dataDir: string): Promise<string | undefined> {
  for (const until = Date.now() + BOOT_LIMIT_MS; ; await sleep(POLL_MS)) {
    const holder = DataDirLock.holder(dataDir);
    if (!holder) return undefined;
    if (holder.host !== os.hostname())
      throw new StartError(`the server runs on ${holder.host}: run this command there`);
    if (holder.socketDir !== undefined) return holder.socketDir;
    if (Date.now() > until)
      throw new StartError(`process ${holder.pid} holds ${dataDir} but its database does not open`);
  }
}
