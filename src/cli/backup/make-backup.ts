import fs from 'node:fs';
import path from 'node:path';
import type { Locations } from '../../config/settings.js';
import { lockForBackup, OnlineBackup } from '../../database/embedded/online-backup.js';
import { ArchiveWriter } from './archive-writer.js';
import { clusterFiles } from './cluster-files.js';
import { BackupError, FORMAT, PLAIN_NAME, type BackupHead } from './format.js';
import { StoredFiles } from './stored-files.js';

export interface BackupReport {
  (step: string, files: number, bytes: number): void;
}

export interface BackupSummary {
  /** Files of documents. */
  files: number;
  /** Of the archive. */
  bytes: number;
}

/**
 * Writes database, files and secrets of an embedded installation into one archive, whether its server runs or not.
 * What was acknowledged before is in it; what happens meanwhile is either whole or not in it.
 * @throws BackupError, StartError: one line for the operator
 */
export async function makeBackup(
  locations: Locations,
  options: { target: string; version: string; report: BackupReport; signal: AbortSignal },
): Promise<BackupSummary> {
  if (!fs.existsSync(locations.dataDir)) throw new BackupError(`there is no ${locations.dataDir}`);
  const lock = lockForBackup(locations.dataDir);
  try {
    return await OnlineBackup.with(locations, (database) => new Backup(locations, database, options).make());
  } finally {
    lock.release();
  }
}

class Backup {
  private files = 0;
  private bytes = 0;

  constructor(
    private readonly locations: Locations,
    private readonly database: OnlineBackup,
    private readonly options: { target: string; version: string; report: BackupReport; signal: AbortSignal },
  ) {}

  async make(): Promise<BackupSummary> {
    const { locations, database } = this;
    const files = path.join(locations.dataDir, 'files');
    if (locations.fileStore === 'directory' && !fs.existsSync(path.join(files, 'incoming')))
      throw new BackupError(`${files} is not there: is its disk mounted?`);
    const stored = locations.fileStore === 'directory' ? StoredFiles.begin(files) : undefined;
    try {
      const archive = await ArchiveWriter.create(this.options.target, await this.head());
      try {
        await this.copyDatabase(archive);
        await stored?.mark();
        await this.copySecrets(archive);
        if (stored) await this.copyFiles(archive, stored);
        // A server that started anew has let go of what was removed.
        await database.requireStillThere();
        return { files: this.files, bytes: await archive.finish() };
      } catch (error) {
        await archive.abandon();
        throw error;
      }
    } finally {
      stored?.end();
    }
  }

  private async head(): Promise<BackupHead> {
    return {
      product: 'ai-backend',
      format: FORMAT,
      version: this.options.version,
      created_at: new Date().toISOString(),
      migration: await this.database.lastMigration(),
      files: this.locations.fileStore === 'directory' ? 'included' : 'elsewhere',
      secrets_from_environment: this.locations.secretsFromEnvironment,
    };
  }

  private async copyDatabase(archive: ArchiveWriter): Promise<void> {
    const { cluster } = this.database;
    await archive.addFolder('postgres');
    await this.database.begin();
    for await (const { name, folder } of clusterFiles(cluster)) {
      if (folder) await archive.addFolder(`postgres/${name}`);
      else this.count('database', await archive.addFile(`postgres/${name}`, path.join(cluster, name)));
    }
    const { label, log } = await this.database.end();
    await archive.addText('postgres/backup_label', label);
    for (const name of log) {
      const bytes = await archive.addFile(`postgres/pg_wal/${name}`, path.join(cluster, 'pg_wal', name));
      if (bytes === undefined)
        throw new BackupError(`the log of the database lost ${name} meanwhile; try again`);
      this.count('database', bytes);
    }
  }

  private async copySecrets(archive: ArchiveWriter): Promise<void> {
    await archive.addFolder('secrets');
    const folder = path.join(this.locations.dataDir, 'secrets');
    const entries = await fs.promises.readdir(folder, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.filter((each) => each.isFile() && PLAIN_NAME.test(each.name)))
      await archive.addFile(`secrets/${entry.name}`, path.join(folder, entry.name));
  }

  private async copyFiles(archive: ArchiveWriter, stored: StoredFiles): Promise<void> {
    await archive.addFolder('files');
    await archive.addFolder('files/incoming');
    for await (const file of stored.all()) {
      const name = `files/${file.key}`;
      const bytes =
        (await archive.addFile(name, file.path)) ?? (await archive.addFile(name, file.removedPath));
      if (bytes === undefined) throw new BackupError(`a stored file was lost meanwhile: ${file.key}`);
      this.files++;
      this.count('files', bytes);
    }
  }

  private count(step: string, bytes = 0): void {
    this.options.signal.throwIfAborted();
    this.bytes += bytes;
    this.options.report(step, this.files, this.bytes);
  }
}
