import fs from 'node:fs';
import module from 'node:module';
import path from 'node:path';
import { StartError } from './config/config-error.js';

/**
 * Other users of the machine have no business in the data directory.
 * @throws StartError when it cannot be made, or is somebody else's
 */
export function makePrivate(dataDir: string): void {
  try {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    fs.chmodSync(dataDir, 0o700);
  } catch (error) {
    // As on a volume that root owns and a group may write to.
    if ((error as NodeJS.ErrnoException).code === 'EPERM')
      throw new StartError(
        `data directory ${dataDir} belongs to somebody else: set DATA_DIR to a folder in it, such as ${path.join(dataDir, 'state')}`,
      );
    throw new StartError(`data directory ${dataDir} cannot be made private: ${(error as Error).message}`);
  }
}

/**
 * What is imported from here on is compiled once and read by the next start, threads included. It is written when the
 * process ends in order, and kept in the data directory, since whoever can write there has the process anyway. What is
 * missing, damaged or of another version is compiled again. Node 20 keeps none.
 */
export function keepCompiledCode(dataDir: string, env: NodeJS.ProcessEnv): void {
  const dir = path.join(dataDir, 'compiled');
  (module as Partial<typeof module>).enableCompileCache?.(dir);
  // That does not extend to threads, which take the variable from their parent.
  env['NODE_COMPILE_CACHE'] ??= dir;
}
