import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import fs from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AppError, notFound } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import { FileStore } from '../file-store.port.js';
import type { StoredFile } from '../storage.types.js';

const KEY = /^[0-9a-f]{2}\/[0-9a-f-]{36}$/;

/** Files in `DATA_DIR/files`: written beside, synced, renamed into place, and the folder synced after it. */
@Injectable()
export class DirectoryFileStore extends FileStore implements OnModuleInit {
  private readonly root: string;
  private readonly incoming: string;

  constructor(private readonly settings: Settings) {
    super();
    this.root = path.join(settings.dataDir, 'files');
    this.incoming = path.join(this.root, 'incoming');
  }

  async onModuleInit(): Promise<void> {
    await fs.mkdir(this.incoming, { recursive: true, mode: 0o700 });
  }

  async put(content: Readable, maxBytes: number): Promise<StoredFile> {
    await this.requireSpace();
    const id = randomUUID();
    const key = `${id.slice(0, 2)}/${id}`;
    const draft = path.join(this.incoming, id);
    const hash = createHash('sha256');
    let bytes = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding: string, done: TransformCallback) {
        bytes += chunk.length;
        if (bytes > maxBytes)
          return done(new AppError('payload_too_large', `The file is larger than ${maxBytes} bytes.`));
        hash.update(chunk);
        done(null, chunk);
      },
    });
    try {
      // `flush` syncs the data before the stream closes.
      await pipeline(content, measure, createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
      const target = this.pathOf(key);
      await fs.mkdir(path.dirname(target), { recursive: true, mode: 0o700 });
      await fs.rename(draft, target);
      await syncDirectory(path.dirname(target));
      return { key, bytes, sha256: hash.digest() };
    } catch (error) {
      await fs.rm(draft, { force: true });
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new AppError('insufficient_storage', 'The server is out of storage space.', { cause: error });
      throw error;
    }
  }

  async get(key: string): Promise<Readable> {
    const file = this.pathOf(key);
    await fs.access(file).catch(() => {
      throw notFound('file');
    });
    return createReadStream(file);
  }

  local(key: string): Promise<{ path: string; release(): Promise<void> }> {
    return Promise.resolve({ path: this.pathOf(key), release: () => Promise.resolve() });
  }

  async delete(key: string): Promise<void> {
    await fs.rm(this.pathOf(key), { force: true });
  }

  async ping(): Promise<void> {
    await fs.access(this.incoming, fs.constants.W_OK);
  }

  private pathOf(key: string): string {
    if (!KEY.test(key)) throw notFound('file');
    return path.join(this.root, key);
  }

  private async requireSpace(): Promise<void> {
    const { bavail, bsize } = await fs.statfs(this.root);
    if (bavail * bsize < this.settings.minFreeBytes)
      throw new AppError('insufficient_storage', 'Less storage space is free than MIN_FREE_BYTES asks for.');
  }
}

/** A rename survives a power cut only once its folder is on disk. */
async function syncDirectory(dir: string): Promise<void> {
  const handle = await fs.open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
