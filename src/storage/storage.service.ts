import type { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { DiskSpace } from './disk-space.service.js';
import { FileStore } from './file-store.port.js';
import type { FileEntry, StoredFile, Undeleted } from './storage.types.js';

/** The original bytes of documents. */
@Injectable()
export class StorageService implements OnModuleDestroy {
  constructor(
    private readonly store: FileStore,
    private readonly space: DiskSpace,
    private readonly settings: Settings,
  ) {}

  /**
   * Durable when it resolves.
   * @throws AppError `payload_too_large` beyond MAX_UPLOAD_BYTES or `maxBytes`, `insufficient_storage`,
   * `file_store_unavailable`
   */
  async put(content: Readable, maxBytes = Infinity): Promise<StoredFile> {
    await this.space.require();
    return this.store.put(content, Math.min(maxBytes, this.settings.maxUploadBytes));
  }

  /** @throws AppError `insufficient_storage` when so many bytes more would leave too little free space */
  requireSpace(bytes?: number): Promise<void> {
    return this.space.require(bytes);
  }

  /** For work on what was accepted before. @throws AppError `insufficient_storage` */
  requireReserve(): Promise<void> {
    return this.space.requireReserve();
  }

  get(key: string): Promise<Readable> {
    return this.store.get(key);
  }

  /** Whether a file is there; one that cannot be looked at is not known to be gone. */
  has(key: string): Promise<boolean> {
    return this.store.has(key).catch(() => true);
  }

  /** Runs `work` with a path of the local file system that holds the content. @throws AppError `not_found` */
  async withLocal<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    const { path, release } = await this.store.local(key);
    try {
      return await work(path);
    } finally {
      await release();
    }
  }

  /** @returns those that cannot be deleted @throws AppError `file_store_unavailable` */
  delete(keys: readonly string[]): Promise<Undeleted[]> {
    return this.store.delete(keys);
  }

  /** The stored files whose keys begin with these two hexadecimal digits, also those of no document (yet). */
  list(shard: string): AsyncIterable<FileEntry> {
    return this.store.list(shard);
  }

  removeUnfinished(before: Date): Promise<void> {
    return this.store.removeUnfinished(before);
  }

  ping(): Promise<void> {
    return this.store.ping();
  }

  onModuleDestroy(): void {
    this.store.close();
  }
}
