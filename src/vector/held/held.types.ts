import type { VectorQuery } from '../vector.types.js';
import type { HeldFeedback } from './held-feedback.js';

/** Vectors on their way into memory. */
export interface VectorBatch {
  /** Four UUIDs of 16 bytes a row: chunk, version, document, collection. */
  ids: Uint8Array;
  /** One after the other; length is rows × dimensions. */
  vectors: Float32Array;
}

/** A query on its way to the thread. What is to be included are hundreds of ids, which travel as one text. */
export type HeldQuery = Omit<VectorQuery, 'include'> & { include: string };

export type HeldTask =
  | { kind: 'open'; dimensions: number; mostBytes: number | undefined }
  | { kind: 'add'; batch: VectorBatch }
  | { kind: 'removeVersions'; versionIds: readonly string[] }
  | { kind: 'query'; vector: Float32Array; query: HeldQuery; feedback?: HeldFeedback }
  | { kind: 'scores'; vector: Float32Array; chunkIds: readonly string[] }
  | { kind: 'vectors'; chunkIds: readonly string[] };

/** What is in memory after a change. */
export interface HeldSize {
  rows: number;
  bytes: number;
  /** One memory cannot have what was added last: it is of no use any more. */
  full: boolean;
}
