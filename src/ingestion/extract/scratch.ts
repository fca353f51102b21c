import { createHash, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import { rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** Processes of other hosts or containers may share the folder, and their numbers mean nothing here. */
const host = createHash('sha256').update(os.hostname()).digest('hex').slice(0, 8);
const PREFIX = `ai-backend-reading-${host}-`;
const NAME = new RegExp(`^${PREFIX}(\\d+)-[0-9a-f-]{36}$`);

/** A name for a folder in the temporary directory that tells whose it is; nothing is there yet. */
export const scratchPath = (): string => path.join(os.tmpdir(), `${PREFIX}${process.pid}-${randomUUID()}`);

/** An empty folder for this user alone; whoever asks removes it. */
export function makeScratch(): string {
  const folder = scratchPath();
  fs.mkdirSync(folder, { mode: 0o700 });
  return folder;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Removes what processes left behind that were killed: it may be pieces of somebody's files. */
export async function sweepScratch(): Promise<void> {
  for (const name of fs.readdirSync(os.tmpdir())) {
    const pid = Number(NAME.exec(name)?.[1] ?? process.pid);
    if (pid === process.pid || isAlive(pid)) continue;
    // Another user's cannot be removed, and are none of ours.
    await rm(path.join(os.tmpdir(), name), { recursive: true, force: true }).catch(() => undefined);
  }
}
