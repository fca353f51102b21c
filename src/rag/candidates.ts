import type { LexicalHit } from '../lexical/lexical.types.js';
import type { VectorHit } from '../vector/vector.types.js';
import type { Candidate } from './fusion.js';

/** A candidate with the passage that stands for it. */
export interface RankedUnit extends Candidate {
  /** Set by ranking. */
  score: number;
  chunkId: string;
}

/** Distances by chunk: what the dense retriever said, and what it was asked for afterwards. */
export type Distances = ReadonlyMap<string, number>;

export const similarity = (distance: number | undefined): number | undefined =>
  distance === undefined ? undefined : 1 - distance;

/** One candidate for each passage that either retriever found. */
export function passageCandidates(
  dense: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  distances: Distances,
): RankedUnit[] {
  const bm25 = new Map(
    lexical.flatMap((hit) => hit.chunkIds.slice(0, 1).map((id) => [id, hit.score] as const)),
  );
  const ids = new Set([...dense.map((hit) => hit.chunkId), ...bm25.keys()]);
  return [...ids].map((id) => ({
    id,
    chunkId: id,
    dense: similarity(distances.get(id)),
    lexical: bm25.get(id),
    score: 0,
  }));
}

/**
 * One candidate for each document that either retriever found: the cosine of its best passage, the BM25 of the
 * whole document, and as its passage the one nearest to the query.
 */
export function documentCandidates(
  dense: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  distances: Distances,
): RankedUnit[] {
  const units = new Map<string, RankedUnit>();
  const offer = (documentId: string, chunkId: string): void => {
    const cosine = similarity(distances.get(chunkId));
    const unit = units.get(documentId);
    if (!unit)
      units.set(documentId, { id: documentId, chunkId, dense: cosine, lexical: undefined, score: 0 });
    else if (cosine !== undefined && (unit.dense === undefined || cosine > unit.dense)) {
      unit.dense = cosine;
      unit.chunkId = chunkId;
    }
  };
  for (const hit of lexical) {
    for (const chunkId of hit.chunkIds) offer(hit.documentId, chunkId);
    const unit = units.get(hit.documentId);
    if (unit) unit.lexical = hit.score;
  }
  for (const hit of dense) offer(hit.documentId, hit.chunkId);
  return [...units.values()];
}
