import type { Readable } from 'node:stream';
import type { StoredFile } from './storage.types.js';

/** Byte streams by key. A file is there whole and durable once `put` has resolved, or not at all. */
export abstract class FileStore {
  /** Stores a stream under a new key. @throws AppError `payload_too_large` beyond `maxBytes`, `insufficient_storage` when space is short. */
  abstract put(content: Readable, maxBytes: number): Promise<StoredFile>;

  /** @throws AppError `not_found` */
  abstract get(key: string): Promise<Readable>;

  /** A path of the local file system with the content, valid until `release` is called. */
  abstract local(key: string): Promise<{ path: string; release: () => Promise<void> }>;

  /** Does nothing where the key does not exist. */
  abstract delete(key: string): Promise<void>;

  /** Resolves when files can be written. */
  abstract ping(): Promise<void>;
}
