import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, notFound } from '../../../common/errors/app-error.js';
import { syncFolder } from '../../../common/sync-folder.js';
import { FileStore } from '../../file-store.port.js';
import { FileUnreadable, type FileEntry, type StoredFile, type Undeleted } from '../../storage.types.js';
import { removedDir } from '../../removed-files.js';
import { isKey, Measured, newKey } from '../measured.js';

const INCOMING = 'incoming';
const MARK = '.installation';
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** The folder is read-only, gone, not ours, broken, or there are too many open files. */
const UNUSABLE = new Set([
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'ELOOP',
  'ESTALE',
  'EMFILE',
  'ENFILE',
  'ENOENT',
]);

/** Of these, what may be wrong with a single file. */
const OF_ONE_FILE = new Set(['EACCES', 'EPERM', 'EIO', 'ENOTDIR', 'ELOOP']);

/** Files in a folder: written beside, synced, renamed into place, and the folder synced after it. */
export class DirectoryFileStore extends FileStore {
  private readonly incoming: string;
  private prepared = false;

  constructor(private readonly root: string) {
    super();
    this.incoming = path.join(root, INCOMING);
  }

  /**
   * Makes the folder once. From then on it has to be there: where it is not, it is a disk that is not mounted, and what
   * were written in its place would be hidden when it comes back.
   */
  private async prepare(): Promise<void> {
    if (this.prepared) return;
    await fs.mkdir(this.incoming, { recursive: true, mode: 0o700 });
    this.prepared = true;
  }

  async put(content: Readable, maxBytes: number): Promise<StoredFile> {
    const key = newKey();
    const draft = path.join(this.incoming, path.basename(key));
    const measured = new Measured(maxBytes);
    try {
      await this.prepare();
      // `flush` syncs the data before the stream closes.
      await pipeline(content, measured, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
      const target = this.pathOf(key);
      const folder = path.dirname(target);
      // A new folder is an entry of its parent, which has to be on disk as well.
      if ((await fs.mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined)
        await syncFolder(this.root);
      await fs.rename(draft, target);
      await syncFolder(folder);
      return { key, bytes: measured.bytes, sha256: measured.digest() };
    } catch (error) {
      await fs.rm(draft, { force: true }).catch(() => undefined);
      throw meaning(error);
    }
  }

  async get(key: string): Promise<Readable> {
    const file = this.pathOf(key);
    const handle = await this.found(() => fs.open(file));
    return handle.createReadStream();
  }

  async has(key: string): Promise<boolean> {
    if (!isKey(key)) return false;
    const file = this.pathOf(key);
    return this.found(() => fs.access(file)).then(() => true, isThere);
  }

  async local(key: string): Promise<{ path: string; release(): Promise<void> }> {
    const file = this.pathOf(key);
    await this.found(() => fs.access(file, fs.constants.R_OK));
    return { path: file, release: () => Promise.resolve() };
  }

  async delete(keys: readonly string[]): Promise<Undeleted[]> {
    if (keys.length === 0) return [];
    await this.requireFolder();
    const undeleted: Undeleted[] = [];
    for (const key of keys.filter(isKey))
      try {
        await this.remove(this.pathOf(key));
      } catch (cause) {
        undeleted.push({ key, cause });
      }
    // Where the folder as a whole cannot be written, no file is to blame.
    if (undeleted.length > 0) await this.ping();
    return undeleted;
  }

  private async remove(file: string): Promise<void> {
    try {
      await fs.rename(file, path.join(removedDir(this.root), path.basename(file)));
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
      // As nearly always: no backup is being made.
      await fs.rm(file, { force: true });
    }
  }

  async *list(shard: string): AsyncIterable<FileEntry> {
    await this.requireFolder();
    for (const name of await fs.readdir(path.join(this.root, shard)).catch(empty)) {
      const key = `${shard}/${name}`;
      const found = isKey(key) ? await fs.stat(this.pathOf(key)).catch(gone) : undefined;
      if (found?.isFile()) yield { key, bytes: found.size, modifiedAt: found.mtime };
    }
  }

  async removeUnfinished(before: Date): Promise<void> {
    await this.requireFolder();
    for (const name of await fs.readdir(this.incoming).catch(empty)) {
      const file = path.join(this.incoming, name);
      const found = await fs.stat(file).catch(gone);
      if (found && found.mtime < before) await fs.rm(file, { force: true });
    }
  }

  async mark(): Promise<string | undefined> {
    await this.requireFolder();
    try {
      return (await fs.readFile(path.join(this.root, MARK), 'utf8')).trim();
    } catch (error) {
      return gone(error);
    }
  }

  async setMark(owner: string): Promise<void> {
    const draft = this.draft();
    try {
      await this.prepare();
      await fs.writeFile(draft, `${owner}\n`, { flag: 'wx', mode: 0o600, flush: true });
      await fs.rename(draft, path.join(this.root, MARK));
      await syncFolder(this.root);
    } catch (error) {
      await fs.rm(draft, { force: true }).catch(() => undefined);
      throw meaning(error);
    }
  }

  async now(): Promise<Date> {
    const draft = this.draft();
    try {
      await this.prepare();
      await fs.writeFile(draft, '', { flag: 'wx', mode: 0o600 });
      return (await fs.stat(draft)).mtime;
    } catch (error) {
      throw meaning(error);
    } finally {
      await fs.rm(draft, { force: true }).catch(() => undefined);
    }
  }

  async ping(): Promise<void> {
    try {
      await this.prepare();
      await fs.access(this.incoming, fs.constants.W_OK);
    } catch (error) {
      throw meaning(error);
    }
  }

  close(): void {
    // Holds nothing open.
  }

  /** @throws AppError `file_store_unavailable` where the whole folder is gone: single files say nothing then */
  private async requireFolder(): Promise<void> {
    try {
      await this.prepare();
      await fs.access(this.incoming);
    } catch (error) {
      throw meaning(error);
    }
  }

  /**
   * Looks for a file, and once more where it was missing and its folder is not: that may have come back in between.
   * @throws AppError `not_found`, `file_store_unavailable`; FileUnreadable
   */
  private async found<T>(look: () => Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw meaningOfOne(error);
    }
    await this.requireFolder();
    try {
      return await look();
    } catch (error) {
      throw codeOf(error) === 'ENOENT' ? notFound('file') : meaningOfOne(error);
    }
  }

  private draft(): string {
    return path.join(this.incoming, randomUUID());
  }

  private pathOf(key: string): string {
    if (!isKey(key)) throw notFound('file');
    return path.join(this.root, key);
  }
}

/** What a look at a file that failed tells of it. */
function isThere(error: unknown): boolean {
  if (error instanceof AppError && error.code === 'not_found') return false;
  throw error;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function meaning(error: unknown): unknown {
  if (FULL.has(codeOf(error)))
    return new AppError('insufficient_storage', 'The server is out of storage space.', { cause: error });
  if (UNUSABLE.has(codeOf(error)))
    return new AppError('file_store_unavailable', 'Files cannot be stored at the moment. Try again later.', {
      cause: error,
    });
  return error;
}

const meaningOfOne = (error: unknown): unknown =>
  OF_ONE_FILE.has(codeOf(error)) ? new FileUnreadable(error) : meaning(error);

function empty(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw meaning(error);
}

function gone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw meaning(error);
}
