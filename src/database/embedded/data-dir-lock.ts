import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../../config/config-error.js';

const LOCK = 'lock';
const HEARTBEAT_MS = 5000;
const STALE_MS = 3 * HEARTBEAT_MS;
/** For a process that was killed to be gone: it gives back its memory first. */
const PATIENCE_MS = 3000;
const LOOK_MS = 50;
/** The time of the last boot is known that well. */
const BOOT_MARGIN_MS = 60_000;

interface Holder {
  pid: number;
  host: string;
  /** Kernel start time of the process where the system tells it: a pid alone may have been reused. */
  startedAt: string | null;
  /** Where `pid` is a number of: containers may share a name and number their processes alike. Null where it is not told. */
  namespace?: string | null;
  /** Nobody else's. */
  token?: string;
  /** Where its database is reached, once it is. */
  socketDir?: string;
}

/** Kernel start time of a process, and whether it has ended and only its parent has not asked for it yet. */
function lookUp(pid: number): { startedAt: string; ended: boolean } | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { startedAt: fields[19]!, ended: fields[0] === 'Z' || fields[0] === 'X' };
  } catch {
    return undefined;
  }
}

function pidNamespace(): string | null {
  try {
    return fs.readlinkSync('/proc/self/ns/pid');
  } catch {
    return null;
  }
}

/** Another host or container cannot be asked for its processes. */
const isElsewhere = ({ host, namespace }: Holder): boolean =>
  host !== os.hostname() || (namespace !== undefined && namespace !== pidNamespace());

/** Tokens of the locks that this process holds. */
const HELD = new Set<string>();

function isAlive(holder: Holder, touchedAt: number): boolean {
  if (isElsewhere(holder)) return Date.now() - touchedAt < STALE_MS;
  // A former process had the same number, as the first one of a container always has.
  if (holder.pid === process.pid) return HELD.has(holder.token ?? '');
  if (touchedAt < Date.now() - os.uptime() * 1000 - BOOT_MARGIN_MS) return false;
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const found = lookUp(holder.pid);
  if (found?.ended) return false;
  return holder.startedAt === null || holder.startedAt === found?.startedAt;
}

function read(file: string): { holder: Holder; touchedAt: number } | undefined {
  try {
    return {
      holder: JSON.parse(fs.readFileSync(file, 'utf8')) as Holder,
      touchedAt: fs.statSync(file).mtimeMs,
    };
  } catch {
    return undefined;
  }
}

/**
 * Keeps a second process out of a data directory: nothing in the embedded database itself would. Survives
 * `kill -9` of its holder, because a lock whose process is gone counts as free.
 */
export class DataDirLock {
  private readonly heartbeat: NodeJS.Timeout;

  private constructor(
    private readonly file: string,
    private readonly mine: Holder & { token: string },
  ) {
    HELD.add(mine.token);
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS);
    this.heartbeat.unref();
  }

  /** Called where another process took over, as from one that was suspended for long: nothing may be written any more. */
  onLost: () => void = () => undefined;

  private beat(): void {
    if (!this.isMine()) return this.onLost();
    const now = new Date();
    fs.utimes(this.file, now, now, () => undefined);
  }

  /** Also where nobody has it: somebody cleared the directory, and others find that it is in use by what is in it. */
  private isMine(): boolean {
    const found = read(this.file);
    return found === undefined || found.holder.token === this.mine.token;
  }

  /** As `acquire`, but waits for a holder that is about to be gone, or of which only the heartbeat tells. */
  static async acquireSoon(dataDir: string): Promise<DataDirLock> {
    const found = read(path.join(dataDir, LOCK));
    const patience = PATIENCE_MS + (found && isElsewhere(found.holder) ? STALE_MS : 0);
    for (const until = performance.now() + patience; ; await sleep(LOOK_MS)) {
      try {
        return DataDirLock.acquire(dataDir);
      } catch (error) {
        // One with a cause is about the folder, and not about whom it belongs to.
        if (!(error instanceof StartError) || error.cause !== undefined || performance.now() > until)
          throw error;
      }
    }
  }

  /** @throws StartError saying who holds it, or, with a cause, why it cannot be taken */
  static acquire(dataDir: string, name = LOCK, trouble = `data directory ${dataDir} is in use`): DataDirLock {
    const file = path.join(dataDir, name);
    const mine = {
      pid: process.pid,
      host: os.hostname(),
      startedAt: lookUp(process.pid)?.startedAt ?? null,
      namespace: pidNamespace(),
      token: randomUUID(),
    };
    const draft = `${file}.${mine.token}`;
    try {
      fs.writeFileSync(draft, JSON.stringify(mine), { mode: 0o600 });
    } catch (error) {
      if (fs.existsSync(draft)) fs.rmSync(draft);
      throw new StartError(`data directory ${dataDir} cannot be written: ${(error as Error).message}`, {
        cause: error,
      });
    }
    try {
      for (let attempt = 0; attempt < 5; attempt++) {
        try {
          // link() fails if the lock exists, and a reader never sees a half written one.
          fs.linkSync(draft, file);
          return new DataDirLock(file, mine);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
          DataDirLock.removeIfStale(file, trouble);
        }
      }
    } finally {
      fs.rmSync(draft, { force: true });
    }
    throw new StartError(`${trouble} by another process`);
  }

  /** The living process that holds it. */
  static holder(dataDir: string, name = LOCK): Holder | undefined {
    const found = read(path.join(dataDir, name));
    return found && isAlive(found.holder, found.touchedAt) ? found.holder : undefined;
  }

  private static removeIfStale(file: string, trouble: string): void {
    const found = read(file);
    if (!found) return;
    const { holder, touchedAt } = found;
    if (isAlive(holder, touchedAt))
      throw new StartError(`${trouble} by process ${holder.pid} on ${holder.host}`);
    // Of two processes that find the same stale lock, only the one whose rename succeeds removes it.
    const grave = `${file}.stale.${randomUUID()}`;
    try {
      fs.renameSync(file, grave);
      fs.rmSync(grave, { force: true });
    } catch {
      return;
    }
  }

  /** Tells other processes of this user where the database is reached. */
  announce(socketDir: string): void {
    const draft = `${this.file}.${this.mine.token}`;
    fs.writeFileSync(draft, JSON.stringify({ ...this.mine, socketDir }), { mode: 0o600 });
    fs.renameSync(draft, this.file);
  }

  release(): void {
    clearInterval(this.heartbeat);
    HELD.delete(this.mine.token);
    if (this.isMine()) fs.rmSync(this.file, { force: true });
  }
}
