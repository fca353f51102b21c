import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';

const HEARTBEAT_MS = 5000;
const STALE_MS = 3 * HEARTBEAT_MS;

interface Holder {
  pid: number;
  host: string;
  /** Kernel start time of the process where the system tells it: a pid alone may have been reused. */
  startedAt: string | null;
}

function startTime(pid: number): string | null {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}

function isAlive(holder: Holder, touchedAt: number): boolean {
  // Another host or container cannot be asked for its processes; its heartbeat tells.
  if (holder.host !== os.hostname()) return Date.now() - touchedAt < STALE_MS;
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return holder.startedAt === null || holder.startedAt === startTime(holder.pid);
}

/**
 * Keeps a second process out of a data directory: nothing in the embedded database itself would. Survives
 * `kill -9` of its holder, because a lock whose process is gone counts as free.
 */
export class DataDirLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(private readonly file: string) {
    this.heartbeat = setInterval(() => {
      const now = new Date();
      fs.utimes(file, now, now, () => undefined);
    }, HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  static acquire(dataDir: string): DataDirLock {
    const file = path.join(dataDir, 'lock');
    const mine: Holder = { pid: process.pid, host: os.hostname(), startedAt: startTime(process.pid) };
    const draft = `${file}.${process.pid}`;
    fs.writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        try {
          // link() fails if the lock exists, and a reader never sees a half written one.
          fs.linkSync(draft, file);
          return new DataDirLock(file);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          DataDirLock.removeIfStale(file, dataDir);
        }
      }
    } finally {
      fs.rmSync(draft, { force: true });
    }
    throw new StartError(`data directory ${dataDir} is in use by another process`);
  }

  private static removeIfStale(file: string, dataDir: string): void {
    let holder: Holder;
    let touchedAt: number;
    try {
      holder = JSON.parse(fs.readFileSync(file, 'utf8')) as Holder;
      touchedAt = fs.statSync(file).mtimeMs;
    } catch {
      return;
    }
    if (isAlive(holder, touchedAt))
      throw new StartError(`data directory ${dataDir} is in use by process ${holder.pid} on ${holder.host}`);
    // Of two processes that find the same stale lock, only the one whose rename succeeds removes it.
    const grave = `${file}.stale.${process.pid}`;
    try {
      fs.renameSync(file, grave);
      fs.rmSync(grave, { force: true });
    } catch {
      return;
    }
  }

  release(): void {
    clearInterval(this.heartbeat);
    fs.rmSync(this.file, { force: true });
  }
}
