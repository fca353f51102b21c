import type { Readable } from 'node:stream';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import { DiskSpace } from './disk-space.service.js';
import { FileStore } from './file-store.port.js';
import { NotOurStore, type FileEntry, type StoredFile, type Undeleted } from './storage.types.js';
import { StoreOwnership } from './store-ownership.service.js';

/** The original bytes of documents. */
@Injectable()
export class StorageService implements OnModuleDestroy {
  constructor(
    private readonly store: FileStore,
    private readonly space: DiskSpace,
    private readonly settings: Settings,
    private readonly ownership: StoreOwnership,
  ) {}

  /**
   * Durable when it resolves.
   * @throws AppError `payload_too_large` beyond MAX_UPLOAD_BYTES or `maxBytes`, `insufficient_storage`,
   * `file_store_unavailable`; NotOurStore
   */
  async put(content: Readable, maxBytes = Infinity): Promise<StoredFile> {
    await this.ownership.require();
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
    return this.found(() => this.store.get(key));
  }

  /** Whether a file is there; one that cannot be looked at, or should be in another store, is not known to be gone. */
  async has(key: string): Promise<boolean> {
    try {
      return (await this.store.has(key)) || (await this.notOurs()) !== null;
    } catch {
      return true;
    }
  }

  /** Runs `work` with a path of the local file system that holds the content. @throws AppError `not_found` */
  async withLocal<T>(key: string, work: (path: string) => Promise<T>): Promise<T> {
    const { path, release } = await this.found(() => this.store.local(key));
    try {
      return await work(path);
    } finally {
      await release();
    }
  }

  /** @returns those that cannot be deleted: all of a store that is not ours @throws AppError `file_store_unavailable` */
  async delete(keys: readonly string[]): Promise<Undeleted[]> {
    if (keys.length === 0) return [];
    try {
      await this.ownership.requireNow();
    } catch (cause) {
      if (!(cause instanceof NotOurStore)) throw cause;
      return keys.map((key) => ({ key, cause }));
    }
    return this.store.delete(keys);
  }

  /** The stored files whose keys begin with these two hexadecimal digits, also those of no document (yet). */
  list(shard: string): AsyncIterable<FileEntry> {
    return this.store.list(shard);
  }

  /** The time by the clock of the store, which times of files are to be compared with. */
  now(): Promise<Date> {
    return this.store.now();
  }

  /** @throws NotOurStore; AppError `file_store_unavailable` */
  async removeUnfinished(before: Date): Promise<void> {
    await this.ownership.requireNow();
    await this.store.removeUnfinished(before);
  }

  /** Why the store is not taken for that of this database, and is only read; null where it is. */
  notOurs(): Promise<string | null> {
    return this.ownership.reason();
  }

  ping(): Promise<void> {
    return this.store.ping();
  }

  /** In a store that is not ours, a file that is not there says nothing. @throws NotOurStore in place of `not_found` */
  private async found<T>(look: () => Promise<T>): Promise<T> {
    try {
      return await look();
    } catch (error) {
      if (error instanceof AppError && error.code === 'not_found') await this.ownership.require();
      throw error;
    }
  }

  onModuleDestroy(): void {
    this.store.close();
  }
}
