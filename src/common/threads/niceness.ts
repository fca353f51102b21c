import { readFile, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** What somebody waits for goes first, what goes on behind it takes the processors that are left. */
const BACKGROUND_NICENESS = 10;

/** For the thread that calls it. Linux keeps a niceness per thread; elsewhere this would slow the whole process. */
export function lowerThread(niceness = BACKGROUND_NICENESS): void {
  if (process.platform === 'linux') os.setPriority(0, niceness);
}

/** An ordinary user may weigh a session ten times a second, and all users together no more often. */
const TRY_AGAIN_MS = [0, 150, 300, 600, 1200];

/**
 * For a process that has just been started: its threads take it over. Linux may weigh sessions against each other
 * (`sched_autogroup`), and what is nice in a session only against the rest of it: a process that leads one (`detached`)
 * would take as much as the whole server, so its session is lowered as well. Resolves when all that can be done is done.
 */
export async function lowerProcess(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  // Never raised: the server itself may have been started in the background.
  const niceness = Math.max(BACKGROUND_NICENESS, os.getPriority());
  try {
    os.setPriority(pid, niceness);
  } catch {
    // It has ended, or the system does not allow it: it competes on equal terms then.
  }
  if (process.platform === 'linux') await lowerSession(pid, niceness);
}

async function lowerSession(pid: number, niceness: number): Promise<void> {
  for (const pause of TRY_AGAIN_MS) {
    if (pause > 0) await sleep(pause, undefined, { ref: false });
    try {
      // Any other process shares its session with whoever started it, which is not to be lowered.
      if (sessionOf(await readFile(`/proc/${pid}/stat`, 'latin1')) !== pid) return;
      return await writeFile(`/proc/${pid}/autogroup`, String(niceness), { flag: 'r+' });
    } catch (error) {
      // It has ended, or this system does not weigh sessions. Anything else passes: others were weighed just now, or the
      // process still changes its rights.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return;
    }
  }
}

/** Fields stand behind the name, which may hold anything: state, parent, group, session. */
const sessionOf = (stat: string): number => Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]);
