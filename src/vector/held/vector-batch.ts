import { uuidAt, uuidBytes, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import type { VectorPage } from '../vector-log.port.js';
import type { VectorRecord } from '../vector.types.js';
import type { VectorBatch } from './held.types.js';

/** Chunk, version, document and collection of a row. */
const BATCH_IDS = 4;

/** @throws Error on an id that is none */
export function batchOf(records: readonly VectorRecord[], dimensions: number): VectorBatch {
  const ids = new Uint8Array(records.length * BATCH_IDS * UUID_BYTES);
  const vectors = new Float32Array(records.length * dimensions);
  records.forEach((record, row) => {
    const { chunkId, versionId, documentId, collectionId, vector } = record;
    [chunkId, versionId, documentId, collectionId].forEach((id, i) => {
      const bytes = uuidBytes(id);
      if (bytes === undefined) throw new Error(`not an id: ${id}`);
      ids.set(bytes, (row * BATCH_IDS + i) * UUID_BYTES);
    });
    vectors.set(vector, row * dimensions);
  });
  return { ids, vectors };
}

/** A page without the rows of these versions. */
export function withoutVersions(
  { ids, vectors, rows: all }: VectorPage,
  dimensions: number,
  versions: { size: number; has(versionId: string): boolean },
): VectorBatch {
  if (versions.size === 0) return { ids, vectors };
  const rows = Array.from({ length: all }, (_, row) => row).filter(
    (row) => !versions.has(uuidAt(ids, row * BATCH_IDS + 1)),
  );
  if (rows.length === all) return { ids, vectors };
  const bytes = BATCH_IDS * UUID_BYTES;
  const left: VectorBatch = {
    ids: new Uint8Array(rows.length * bytes),
    vectors: new Float32Array(rows.length * dimensions),
  };
  rows.forEach((row, i) => {
    left.ids.set(ids.subarray(row * bytes, (row + 1) * bytes), i * bytes);
    left.vectors.set(vectors.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions);
  });
  return left;
}
