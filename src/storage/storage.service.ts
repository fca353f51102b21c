import type { Readable } from 'node:stream';
import { Injectable } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { FileStore } from './file-store.port.js';
import type { StoredFile } from './storage.types.js';

/** The original bytes of documents. */
@Injectable()
export class StorageService {
  constructor(
    private readonly store: FileStore,
    private readonly settings: Settings,
  ) {}

  /** Durable when it resolves. @throws AppError `payload_too_large`, `insufficient_storage` */
  put(content: Readable): Promise<StoredFile> {
    return this.store.put(content, this.settings.maxUploadBytes);
  }

  get(key: string): Promise<Readable> {
    return this.store.get(key);
  }

  /** Runs `work` with a path of the local file system that holds the content. */
  async withLocal<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    const { path, release } = await this.store.local(key);
    try {
      return await work(path);
    } finally {
      await release();
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.store.delete(key);
  }

  ping(): Promise<void> {
    return this.store.ping();
  }
}
