import type { VectorRecord } from '../../vector/vector.types.js';
import type { UnembeddedChunk } from './embedding-backlog.repository.js';

/** Passages with the vectors that an encoder made of them, in the same order. */
export const toRecords = (
  chunks: readonly UnembeddedChunk[],
  vectors: readonly Float32Array[],
): VectorRecord[] =>
  chunks.map((chunk, i) => {
    const vector = vectors[i];
    if (!vector) throw new Error('the encoder returned too few vectors');
    return {
      chunkId: chunk.id,
      versionId: chunk.version_id,
      documentId: chunk.document_id,
      collectionId: chunk.collection_id,
      vector,
    };
  });
