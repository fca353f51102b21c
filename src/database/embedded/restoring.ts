import fs from 'node:fs';
import path from 'node:path';
import { StartError } from '../../config/config-error.js';

/** Where a backup is unpacked. It goes last: while it is there, the data directory is not whole. */
export const restoreDir = (dataDir: string): string => path.join(dataDir, 'restore.partial');

/**
 * Left in a cluster that was restored without the files of its documents: they may still be those of the original, so
 * the database must not take them for its own.
 */
export const copyNote = (cluster: string): string => path.join(cluster, 'restored-without-files');

/** @throws StartError in a data directory that a restore left half done */
export function refuseHalfRestored(dataDir: string): void {
  if (fs.existsSync(restoreDir(dataDir)))
    throw new StartError(`the restore into ${dataDir} did not come to its end: run it again`);
}
