import fs from 'node:fs';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { syncFolder } from '../../common/sync-folder.js';
import type { Locations } from '../../config/settings.js';
import { MIGRATIONS } from '../../database/data-source.js';
import { DataDirLock } from '../../database/embedded/data-dir-lock.js';
import { copyNote, restoreDir } from '../../database/embedded/restoring.js';
import { readArchive, type ArchiveTarget } from './archive-reader.js';
import { BackupError, PARTS, type BackupEnd, type BackupHead } from './format.js';

/** What may be in a data directory before there is any state in it. */
const NO_STATE = new Set(['compiled', 'models', 'samples', 'lock', 'lost+found']);

export interface Restored {
  head: BackupHead;
  end: BackupEnd;
}

export type RestoreReport = (files: number) => void;

/** Reads all of a backup and writes nothing. @throws BackupError where it cannot be restored */
export async function checkBackup(file: string, report: RestoreReport): Promise<Restored> {
  const check = new Check(report);
  const end = await readArchive(file, check);
  return { head: check.found!, end };
}

/**
 * Puts a backup into an empty data directory. It is the state of an installation only when all of it is there and on
 * disk; until then no server starts on it.
 * @throws BackupError, StartError: one line for the operator
 */
export async function restoreBackup(
  { dataDir }: Pick<Locations, 'dataDir'>,
  file: string,
  report: RestoreReport,
): Promise<Restored> {
  if (!fs.existsSync(file)) throw new BackupError(`there is no ${file}`);
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const holder = DataDirLock.holder(dataDir);
  if (holder) throw new BackupError(`${dataDir} is in use by process ${holder.pid} on ${holder.host}`);
  const draft = restoreDir(dataDir);
  const again = fs.existsSync(draft);
  if (!again) refuseState(dataDir);
  const lock = DataDirLock.acquire(dataDir);
  try {
    fs.chmodSync(dataDir, 0o700);
    // Whatever stands beside an unfinished restore is a part of it: it began in an empty directory.
    if (again) for (const part of PARTS) await remove(path.join(dataDir, part));
    await remove(draft);
    fs.mkdirSync(draft, { mode: 0o700 });
    const unpacked = new Unpack(draft, report);
    let end: BackupEnd;
    try {
      end = await readArchive(file, unpacked);
      if (unpacked.found!.files === 'elsewhere')
        await fs.promises.writeFile(copyNote(path.join(draft, 'postgres')), '', { mode: 0o600, flush: true });
      for (const folder of unpacked.folders) await syncFolder(folder);
    } catch (error) {
      await remove(draft);
      throw error;
    }
    for (const part of PARTS)
      if (fs.existsSync(path.join(draft, part)))
        await fs.promises.rename(path.join(draft, part), path.join(dataDir, part));
    await syncFolder(dataDir);
    await remove(draft);
    await syncFolder(dataDir);
    return { head: unpacked.found!, end };
  } finally {
    lock.release();
  }
}

function refuseState(dataDir: string): void {
  const state = fs.readdirSync(dataDir).filter((name) => !NO_STATE.has(name) && !name.startsWith('.'));
  if (state.length > 0)
    throw new BackupError(
      `${dataDir} is not empty (${state.slice(0, 5).join(', ')}): restore into a new directory with DATA_DIR, or move these away`,
    );
}

class Check implements ArchiveTarget {
  found: BackupHead | undefined;
  private files = 0;

  constructor(private readonly report: RestoreReport) {}

  head(head: BackupHead): void {
    this.found = head;
    if (head.migration !== null && !MIGRATIONS.some(({ name }) => name === head.migration))
      throw new BackupError(
        `it was made by version ${head.version}, whose database this version does not know: install that one or a newer one`,
      );
  }

  folder(_name: string): Promise<void> {
    return Promise.resolve();
  }

  async file(_name: string, content: AsyncIterable<Buffer>): Promise<void> {
    await pipeline(content, new Writable({ write: (_chunk, _encoding, done) => done() }));
    this.count();
  }

  protected count(): void {
    this.report(++this.files);
  }
}

class Unpack extends Check {
  readonly folders: string[] = [];

  constructor(
    private readonly root: string,
    report: RestoreReport,
  ) {
    super(report);
  }

  override async folder(name: string): Promise<void> {
    await this.make(path.join(this.root, name));
  }

  override async file(name: string, content: AsyncIterable<Buffer>): Promise<void> {
    const target = path.join(this.root, name);
    await this.make(path.dirname(target));
    // Exclusive: an archive that has a name twice is refused, and nothing is ever written through a link.
    const out = fs.createWriteStream(target, { flags: 'wx', mode: 0o600, flush: true });
    try {
      await pipeline(content, out);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST')
        throw new BackupError(`it has a name twice: ${name}`);
      throw error;
    }
    this.count();
  }

  private async make(folder: string): Promise<void> {
    const made = await fs.promises.mkdir(folder, { recursive: true, mode: 0o700 });
    if (made !== undefined) this.folders.push(folder);
  }
}

const remove = (target: string): Promise<void> => fs.promises.rm(target, { recursive: true, force: true });
