import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newDataDir, newPassword } from './app.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const LISTENS = /listens on (http:\/\/\S+)/;
/** A mount of one's own needs a user namespace where one is not root. */
const isRoot = process.getuid?.() === 0;
const UNSHARE = [...(isRoot ? [] : ['--map-root-user']), '--mount', '--'];
const MOUNT = 'mount -t tmpfs -o "size=$0,mode=700" tmpfs "$1" && shift && exec "$@"';

/** Whether this system lets a test have a small disk. */
export function canMount(): boolean {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'mount-'));
  try {
    return spawnSync('unshare', [...UNSHARE, 'sh', '-c', MOUNT, '64k', dir, 'true']).status === 0;
  } finally {
    fs.rmdirSync(dir);
  }
}

export interface MountedServer {
  url: string;
  admin: { email: string; password: string };
  /** Makes its small disk writable or read-only. */
  remount(mode: 'rw' | 'ro'): void;
  /** What stands below a folder of the small disk, as the server sees it; a mark is not told. */
  files(folder: string): string[];
  stop(): Promise<void>;
}

/** The built server in a process of its own, with a small disk of its own where `mounted` says: below the data directory. */
export async function startMountedServer(
  mounted: string,
  size: string,
  env: Record<string, string>,
): Promise<MountedServer> {
  const dataDir = newDataDir();
  const target = path.join(dataDir, mounted);
  const admin = { email: 'root@example.com', password: newPassword() };
  if (mounted === '.') fs.rmSync(path.join(dataDir, 'postgres'), { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true, mode: 0o700 });
  const child: ChildProcess = spawn(
    'unshare',
    [...UNSHARE, 'sh', '-c', MOUNT, size, target, process.execPath, path.join(ROOT, 'dist/main.js')],
    {
      cwd: ROOT,
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: dataDir,
        PORT: '0',
        ADMIN_EMAIL: admin.email,
        ADMIN_PASSWORD: admin.password,
        MODELS_DIR: path.join(os.tmpdir(), 'no-models'),
        MODEL_DOWNLOAD: 'off',
        RATE_LIMITS: 'off',
        LOG_LEVEL: 'error',
        LOG_FORMAT: 'json',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const killed = (): void => void child.kill('SIGKILL');
  process.once('exit', killed);
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const closed = once(child, 'close');
  while (!LISTENS.test(output)) {
    const ended = await Promise.race([
      once(child.stdout!, 'data').then(() => false),
      closed.then(() => true),
    ]);
    if (ended) throw new Error(`the server ended: ${output}`);
  }
  const inside = (...command: string[]): string => {
    const enter = [
      '--target',
      String(child.pid),
      '--mount',
      ...(isRoot ? [] : ['--user', '--preserve-credentials']),
    ];
    const run = spawnSync('nsenter', [...enter, '--', ...command], { encoding: 'utf8' });
    if (run.status !== 0) throw new Error(`${command.join(' ')}: ${run.stderr}`);
    return run.stdout;
  };
  return {
    url: LISTENS.exec(output)![1]!,
    admin,
    remount: (mode) => void inside('mount', '-o', `remount,${mode}`, target),
    files: (folder) =>
      inside('find', path.join(dataDir, folder), '-type', 'f', '-name', '[!.]*').split('\n').filter(Boolean),
    async stop() {
      process.removeListener('exit', killed);
      child.kill('SIGTERM');
      await closed;
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
