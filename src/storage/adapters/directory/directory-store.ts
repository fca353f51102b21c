import { createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AppError, notFound } from '../../../common/errors/app-error.js';
import { FileStore } from '../../file-store.port.js';
import type { FileEntry, StoredFile } from '../../storage.types.js';
import { isKey, Measured, newKey } from '../measured.js';

const INCOMING = 'incoming';
const FULL = new Set(['ENOSPC', 'EDQUOT']);
/** The folder is read-only, gone, not ours, broken, or there are too many open files. */
const UNUSABLE = new Set([
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'ESTALE',
  'EMFILE',
  'ENFILE',
  'ENOENT',
]);

/** Files in a folder: written beside, synced, renamed into place, and the folder synced after it. */
export class DirectoryFileStore extends FileStore {
  private readonly incoming: string;

  constructor(private readonly root: string) {
    super();
    this.incoming = path.join(root, INCOMING);
  }

  async put(content: Readable, maxBytes: number): Promise<StoredFile> {
    const key = newKey();
    const draft = path.join(this.incoming, path.basename(key));
    const measured = new Measured(maxBytes);
    try {
      await fs.mkdir(this.incoming, { recursive: true, mode: 0o700 });
      // `flush` syncs the data before the stream closes.
      await pipeline(content, measured, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
      const target = this.pathOf(key);
      const folder = path.dirname(target);
      // A new folder is an entry of its parent, which has to be on disk as well.
      if ((await fs.mkdir(folder, { recursive: true, mode: 0o700 })) !== undefined) await sync(this.root);
      await fs.rename(draft, target);
      await sync(folder);
      return { key, bytes: measured.bytes, sha256: measured.digest() };
    } catch (error) {
      await fs.rm(draft, { force: true }).catch(() => undefined);
      throw meaning(error);
    }
  }

  async get(key: string): Promise<Readable> {
    const handle = await fs.open(this.pathOf(key)).catch(refuseMissing);
    return handle.createReadStream();
  }

  async local(key: string): Promise<{ path: string; release(): Promise<void> }> {
    const file = this.pathOf(key);
    await fs.access(file, fs.constants.R_OK).catch(refuseMissing);
    return { path: file, release: () => Promise.resolve() };
  }

  async delete(keys: readonly string[]): Promise<void> {
    try {
      for (const key of keys) await fs.rm(this.pathOf(key), { force: true });
    } catch (error) {
      throw meaning(error);
    }
  }

  async *list(shard: string): AsyncIterable<FileEntry> {
    for (const name of await fs.readdir(path.join(this.root, shard)).catch(empty)) {
      const key = `${shard}/${name}`;
      const found = isKey(key) ? await fs.stat(this.pathOf(key)).catch(gone) : undefined;
      if (found?.isFile()) yield { key, bytes: found.size, modifiedAt: found.mtime };
    }
  }

  async removeUnfinished(before: Date): Promise<void> {
    for (const name of await fs.readdir(this.incoming).catch(empty)) {
      const file = path.join(this.incoming, name);
      const found = await fs.stat(file).catch(gone);
      if (found && found.mtime < before) await fs.rm(file, { force: true });
    }
  }

  async ping(): Promise<void> {
    await fs.mkdir(this.incoming, { recursive: true, mode: 0o700 });
    await fs.access(this.incoming, fs.constants.W_OK);
  }

  close(): void {
    // Holds nothing open.
  }

  private pathOf(key: string): string {
    if (!isKey(key)) throw notFound('file');
    return path.join(this.root, key);
  }
}

/** A rename survives a power cut only once its folder is on disk. */
async function sync(folder: string): Promise<void> {
  const handle = await fs.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
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

function refuseMissing(error: unknown): never {
  if (codeOf(error) === 'ENOENT') throw notFound('file');
  throw meaning(error);
}

function empty(error: unknown): string[] {
  if (codeOf(error) === 'ENOENT') return [];
  throw meaning(error);
}

function gone(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw meaning(error);
}
