import type { VectorIndex } from './vector.types.js';
import type { VectorBatch } from './held/held.types.js';

/** A page of vectors in the order in which they were committed. */
export interface VectorPage extends VectorBatch {
  rows: number;
  /** Rows that were looked at; those of versions that are no longer active are passed over. */
  read: number;
  /** Of the last one; the next page begins after it. */
  sequence: number;
}

/** Reads the vectors of a store from the beginning, and then what was committed since. */
export abstract class VectorLog {
  /** Vectors written after this number, at most `limit`; 0 begins at the beginning. */
  abstract vectorsAfter(index: VectorIndex, sequence: number, limit: number): Promise<VectorPage>;

  /** The number of the newest retirement of a version. */
  abstract newestRetirement(): Promise<number>;

  /** Versions that were replaced or removed after this number, and the newest number. */
  abstract retiredAfter(sequence: number): Promise<{ versionIds: string[]; sequence: number }>;

  /** Has the store itself find neighbours quickly, without scanning all vectors. Does nothing where it does. */
  abstract buildGraph(index: VectorIndex): Promise<void>;
}
