import fs from 'node:fs';
import path from 'node:path';

const MOST_TRIES = 1000;

/**
 * While this folder is there, files that are removed are put into it: a backup is being made, and its copy of the
 * database may still know them.
 */
export const removedDir = (filesDir: string): string => path.join(filesDir, 'removed');

/** Begins to keep what is removed. */
export function keepRemoved(filesDir: string): void {
  // What an earlier backup left that was ended: nobody asks for it any more.
  dropRemoved(filesDir);
  fs.mkdirSync(removedDir(filesDir), { mode: 0o700 });
}

/** Ends it, and lets go of what was kept. */
export function dropRemoved(filesDir: string): void {
  for (let tries = 1; ; tries++)
    try {
      return fs.rmSync(removedDir(filesDir), { recursive: true, force: true });
    } catch (error) {
      // A running server has put another file in between the last look and the end.
      if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY' || tries === MOST_TRIES) throw error;
    }
}
