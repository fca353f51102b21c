import type { Where } from 'chromadb';
import type { VectorHit, VectorQuery } from '../../vector.types.js';
import { notChroma } from './chroma-connection.js';

/** Where a vector belongs. Chroma holds no text: it has no accounts, so nobody could be refused it. */
export type Metadata = { collection_id: string; document_id: string; version_id: string };

/** Undefined where nothing can match: Chroma refuses an empty list. */
export function predicate(query: VectorQuery): Where | undefined {
  const { collectionIds, documentIds } = query;
  if (collectionIds.length === 0 || documentIds?.length === 0) return undefined;
  const inCollections: Where = { collection_id: { $in: [...collectionIds] } };
  if (!documentIds) return inCollections;
  return { $and: [inCollections, { document_id: { $in: [...documentIds] } }] };
}

export function toHit(
  chunkId: string,
  metadata: Metadata | null | undefined,
  distance: number | null | undefined,
): VectorHit[] {
  // Whatever somebody else put into the collection is not ours to show.
  if (!metadata || typeof distance !== 'number') return [];
  return [{ chunkId, documentId: metadata.document_id, versionId: metadata.version_id, distance }];
}

export function cosineDistance(a: Float32Array, b: readonly number[]): number {
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0;
    const y = b[i] ?? 0;
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return 1 - dot / Math.sqrt(squaresA * squaresB);
}

/**
 * The ids of an answer. The client takes whatever comes with a good status, such as the page of a proxy, for an answer
 * without any. @throws AppError `vector_store_unavailable`
 */
export function idsOf<T>(ids: T[] | undefined, least: number): T[] {
  if (!Array.isArray(ids) || ids.length < least) throw notChroma();
  return ids;
}
