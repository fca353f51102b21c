import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../common/worker-url.js';
import { StartError } from '../../config/config-error.js';
import type { Settings } from '../../config/settings.js';
import { refuseHalfRestored } from './restoring.js';
import { DataDirLock } from './data-dir-lock.js';

export interface PgliteWorkerData {
  dataDir: string;
  socketPath: string;
  connections: number;
}

/** The port in the socket's name, as PostgreSQL itself names its sockets. */
export const SOCKET_PORT = 5432;
const SOCKET_NAME = `.s.PGSQL.${SOCKET_PORT}`;
/** `sockaddr_un` holds about 107 bytes. */
const MAX_SOCKET_PATH = 100;
/** Bytes without which hardly anything can be written. */
const LEAST_SPACE = 2 ** 20;

/**
 * PostgreSQL compiled to WebAssembly, in a worker thread, behind a Unix socket that ordinary drivers connect
 * to. The socket has no password: its directory is private to the user.
 */
export class EmbeddedDatabase {
  private stopping = false;

  private constructor(
    private readonly worker: Worker,
    private readonly lock: DataDirLock,
    readonly socketDir: string,
    private readonly temporarySocketDir: boolean,
  ) {}

  /** @throws StartError when the directory is in use or the cluster does not open. */
  static async start(settings: Pick<Settings, 'dataDir' | 'databasePoolSize'>): Promise<EmbeddedDatabase> {
    fs.mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
    const lock = await DataDirLock.acquireSoon(settings.dataDir);
    try {
      refuseHalfRestored(settings.dataDir);
      const cluster = path.join(settings.dataDir, 'postgres');
      await createCluster(cluster);
      const { socketDir, temporary } = makeSocketDir(settings.dataDir);
      const data: PgliteWorkerData = {
        dataDir: cluster,
        socketPath: path.join(socketDir, SOCKET_NAME),
        connections: settings.databasePoolSize + 4,
      };
      const worker = new Worker(workerUrl(import.meta.url, './pglite.worker.js'), { workerData: data });
      const database = new EmbeddedDatabase(worker, lock, socketDir, temporary);
      await database.untilReady();
      lock.announce(socketDir);
      return database;
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private async untilReady(): Promise<void> {
    let failure: unknown;
    const failed = (error: unknown): void => {
      failure = error;
    };
    this.worker.once('error', failed);
    const outcome = await Promise.race([once(this.worker, 'message'), once(this.worker, 'exit')]).catch(
      (error: unknown) => {
        throw new StartError(`the embedded database did not open: ${(error as Error).message}`);
      },
    );
    if (outcome[0] !== 'ready') {
      const reason = failure instanceof Error ? failure.message : 'its thread ended';
      throw new StartError(`the embedded database did not open: ${reason}`);
    }
    this.worker.off('error', failed);
    // Nothing works without the database and nothing acknowledged is lost by ending: a supervisor restarts us.
    this.worker.on('error', (error) => this.fatal(error.message));
    this.worker.on('exit', () => this.fatal('its thread ended'));
    this.lock.onLost = () => this.fatal('another process has taken over the data directory');
  }

  private fatal(reason: string): void {
    if (this.stopping) return;
    process.stderr.write(`the embedded database failed: ${reason}\n`);
    process.exit(70);
  }

  async stop(): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    const stopped = once(this.worker, 'message');
    this.worker.postMessage('stop');
    await Promise.race([stopped, new Promise((resolve) => setTimeout(resolve, 10_000).unref())]);
    await this.worker.terminate();
    fs.rmSync(path.join(this.socketDir, SOCKET_NAME), { force: true });
    if (this.temporarySocketDir) fs.rmSync(this.socketDir, { recursive: true, force: true });
    this.lock.release();
  }
}

function makeSocketDir(dataDir: string): { socketDir: string; temporary: boolean } {
  const inside = path.join(dataDir, 'socket');
  if (Buffer.byteLength(path.join(inside, SOCKET_NAME)) <= MAX_SOCKET_PATH) {
    fs.rmSync(inside, { recursive: true, force: true });
    fs.mkdirSync(inside, { mode: 0o700 });
    return { socketDir: inside, temporary: false };
  }
  return { socketDir: fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-')), temporary: true };
}

/** The engine knows a full disk by a number of its own only. */
function isFull(dir: string): boolean {
  const { bavail, bsize } = fs.statfsSync(dir);
  return bavail * bsize < LEAST_SPACE;
}

/** Of what Node writes about an uncaught error: above the message stands where in the source it was thrown. */
function sayingMost(errors: string): string {
  const lines = errors.trim().split('\n');
  return lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines[0] ?? '';
}

/** Made under another name and moved into place: an interrupted first start leaves no half cluster. */
async function createCluster(cluster: string): Promise<void> {
  if (fs.existsSync(path.join(cluster, 'PG_VERSION'))) return;
  if (fs.existsSync(cluster)) throw new StartError(`${cluster} exists but holds no database: move it away`);
  const draft = `${cluster}.new`;
  fs.rmSync(draft, { recursive: true, force: true });
  const script = fileURLToPath(workerUrl(import.meta.url, './cluster.child.js'));
  const child = spawn(process.execPath, [script, draft], { stdio: ['ignore', 'ignore', 'pipe'], env: {} });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) {
    const reason = isFull(path.dirname(cluster)) ? 'no space is left' : sayingMost(errors);
    fs.rmSync(draft, { recursive: true, force: true });
    throw new StartError(`creating the embedded database in ${cluster} failed: ${reason}`);
  }
  fs.chmodSync(draft, 0o700);
  fs.renameSync(draft, cluster);
}
