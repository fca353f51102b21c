import os from 'node:os';

/** What somebody waits for goes first, what goes on behind it takes the processors that are left. */
export const BACKGROUND_NICENESS = 10;

/** For the thread that calls it. Linux keeps a niceness per thread; elsewhere this would slow the whole process. */
export function lowerThread(niceness = BACKGROUND_NICENESS): void {
  if (process.platform === 'linux') os.setPriority(0, niceness);
}

/** For a process that has just been started: its threads take it over. */
export function lowerProcess(pid: number | undefined, niceness = BACKGROUND_NICENESS): void {
  try {
    if (pid !== undefined) os.setPriority(pid, niceness);
  } catch {
    // It has ended, or the system does not allow it: it competes on equal terms then.
  }
}
