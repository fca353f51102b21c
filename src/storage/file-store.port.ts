import type { Readable } from 'node:stream';
import type { FileEntry, StoredFile, Undeleted } from './storage.types.js';

/**
 * Byte streams by key. A file is there whole and durable once `put` has resolved, or not at all. Every method
 * throws AppError `file_store_unavailable` while the store cannot do it.
 */
export abstract class FileStore {
  /**
   * Stores a stream under a new key, never holding the whole of it in memory.
   * @throws AppError `payload_too_large` beyond `maxBytes`, `insufficient_storage` when space is short; what the
   * stream itself ended with.
   */
  abstract put(content: Readable, maxBytes: number): Promise<StoredFile>;

  /** @throws AppError `not_found`; FileUnreadable where the reason may be this file alone */
  abstract get(key: string): Promise<Readable>;

  /** Whether a file is there, without reading it. Throws as `get` where that cannot be told. */
  abstract has(key: string): Promise<boolean>;

  /** A path of the local file system with the content, valid until `release` is called. Throws as `get`. */
  abstract local(key: string): Promise<{ path: string; release: () => Promise<void> }>;

  /**
   * Does nothing where a key does not exist. A file that cannot be deleted keeps no other one.
   * @returns those that are still there
   */
  abstract delete(keys: readonly string[]): Promise<Undeleted[]>;

  /**
   * The whole files whose keys begin with these two hexadecimal digits, in no particular order; one that comes or goes
   * meanwhile may or may not be among them.
   */
  abstract list(shard: string): AsyncIterable<FileEntry>;

  /** Removes what was begun before this time, by `now`, and never finished: a process that ended left it. */
  abstract removeUnfinished(before: Date): Promise<void>;

  /** What `setMark` left; undefined where it was never called. It is no file: it has no key and is not listed. */
  abstract mark(): Promise<string | undefined>;

  /** Says durably whose store this is, in place of what was said before. */
  abstract setMark(owner: string): Promise<void>;

  /** The time by the clock that `modifiedAt` is taken from, which may not be that of this machine. */
  abstract now(): Promise<Date>;

  /** Resolves when files can be written. */
  abstract ping(): Promise<void>;

  /** Ends connections. */
  abstract close(): void;
}
