import type { Transaction } from '../database/transaction.types.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  VersionCount,
} from './vector.types.js';

export type VectorWrite = (tx: Transaction) => Promise<void>;

/**
 * Nearest-neighbour search over chunk vectors. Distances are cosine distances, 0 (same direction) to 2.
 * Everything in a store is derived from PostgreSQL and can be dropped and rebuilt.
 */
export abstract class VectorStore {
  /**
   * Throws `StartError`, in one line that says what to add, where the store can never work as it is set up.
   * One that is merely down passes: it may come back.
   */
  abstract assertUsable(): Promise<void>;

  /** Makes the tables or collections of an index; does nothing where they exist. Throws as `assertUsable`. */
  abstract createIndex(index: VectorIndex): Promise<void>;

  /** Tells which index answers from now on: what was held ready of others may go. */
  abstract use(index: VectorIndex): void;

  /** Makes an index ready to answer beside the one in use; resolves when it is as quick as it gets before `use`. */
  abstract prepare(index: VectorIndex): Promise<void>;

  /** Removes an index with all its vectors; does nothing where it does not exist. */
  abstract dropIndex(index: VectorIndex): Promise<void>;

  /** Writes vectors, replacing those of the same chunk. Any number of records; the adapter batches. */
  abstract upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void>;

  /**
   * Has these vectors ready for versions that nobody sees yet. @returns what stores the rest with the transaction that
   * shows them, as one of its last statements: from the commit on they are found. Where that fails, some may be left that
   * nobody sees.
   */
  abstract prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite>;

  /**
   * Takes in what was committed until now, where queries wait for that: whoever has something else to wait for first
   * asks for it beforehand, and says so with `followed`.
   */
  abstract follow(index: VectorIndex): Promise<void>;

  /**
   * The `topK` chunks nearest to the vector among those in scope, nearest first, ties by chunk id. Only the
   * active versions of documents that are not deleted are in scope. An empty scope gives no hits. Fewer than
   * `topK` only when the scope holds fewer.
   */
  abstract query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]>;

  /**
   * Distances of given chunks, in any order; chunks without a vector are left out. The caller vouches for
   * the right to read them.
   */
  abstract scores(
    index: VectorIndex,
    vector: Float32Array,
    chunkIds: readonly string[],
  ): Promise<VectorHit[]>;

  /** The second look after a first one. The caller vouches, as above, for the passages found by words. */
  abstract queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]>;

  /** Vectors of given chunks, by their ids in lower case; those without one are left out. The caller vouches as above. */
  abstract vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>>;

  /** Removes the vectors of given versions; unknown ids are ignored. */
  abstract deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void>;

  /** How many vectors the index holds of which version, each version once: to compare it with PostgreSQL. */
  abstract storedVersions(index: VectorIndex): AsyncIterable<VersionCount>;

  /** Number of vectors in the index, those of replaced versions included while they are being removed. */
  abstract count(index: VectorIndex): Promise<number>;

  /** Resolves when the store answers; throws `vector_store_unavailable` when it does not. */
  abstract ping(): Promise<void>;

  /** Ends what runs beside the calls. The store is not used afterwards. */
  abstract close(): Promise<void>;
}
