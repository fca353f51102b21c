import fs from 'node:fs/promises';
import path from 'node:path';
import { PLAIN_NAME } from './format.js';

export interface ClusterEntry {
  /** Below the cluster, parts joined by `/`. */
  name: string;
  folder: boolean;
}

const CONTROL = 'global/pg_control';
const LEFT_OUT = /^(postmaster\.(pid|opts)|backup_label.*|tablespace_map.*|base\/pgsql_tmp.*|pg_wal\/.*)$/;

/**
 * Folders and files of a PostgreSQL cluster, folders first. The log is not among them, because it is copied last; the
 * control file is the last of all. What is not called as the database calls its files is left out, such as what a network
 * file system keeps of a file that was deleted while it was open.
 */
export async function* clusterFiles(cluster: string): AsyncGenerator<ClusterEntry> {
  yield* below(cluster, '');
  yield { name: CONTROL, folder: false };
}

async function* below(cluster: string, folder: string): AsyncGenerator<ClusterEntry> {
  const entries = await fs
    .readdir(path.join(cluster, folder), { withFileTypes: true })
    .catch((error: NodeJS.ErrnoException) => {
      // The folder of a database that was just dropped.
      if (error.code === 'ENOENT') return [];
      throw error;
    });
  for (const entry of entries) {
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (!PLAIN_NAME.test(entry.name) || (LEFT_OUT.test(name) && !entry.isDirectory())) continue;
    if (entry.isDirectory()) {
      if (LEFT_OUT.test(name) && folder !== 'pg_wal') continue;
      yield { name, folder: true };
      yield* below(cluster, name);
    } else if (entry.isFile() && name !== CONTROL) {
      yield { name, folder: false };
    }
  }
}
