import type { LexicalHit } from '../lexical/lexical.types.js';
import type { VectorHit } from '../vector/vector.types.js';
import type { Candidate } from './fusion.js';

/** A candidate with the passage that stands for it. */
export interface RankedUnit extends Candidate {
  /** Set by ranking. */
  score: number;
  documentId: string;
  chunkId: string;
  /** Of the query itself with the passage; what is ranked by may be the cosine of an improved query. */
  cosine: number | undefined;
  /** How many of the query's quoted phrases and rare identifiers it holds; these come first. */
  exact: number;
}

/** Distances by chunk. */
export type Distances = ReadonlyMap<string, number>;

export const distancesOf = (hits: readonly VectorHit[]): Distances =>
  new Map(hits.map((hit) => [hit.chunkId, hit.distance]));

export const similarity = (distance: number | undefined): number | undefined =>
  distance === undefined ? undefined : 1 - distance;

/** One candidate for each passage that either retriever found. */
export function passageCandidates(
  dense: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  distances: Distances,
): RankedUnit[] {
  const units = new Map<string, RankedUnit>();
  const offer = (documentId: string, chunkId: string, bm25?: number, exact = 0): void => {
    if (units.has(chunkId)) return;
    const cosine = similarity(distances.get(chunkId));
    units.set(chunkId, {
      id: chunkId,
      documentId,
      chunkId,
      dense: cosine,
      cosine,
      lexical: bm25,
      exact,
      score: 0,
    });
  };
  for (const hit of lexical)
    for (const id of hit.chunkIds.slice(0, 1)) offer(hit.documentId, id, hit.score, hit.exact);
  for (const hit of dense) offer(hit.documentId, hit.chunkId);
  return [...units.values()];
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
      units.set(documentId, {
        id: documentId,
        documentId,
        chunkId,
        dense: cosine,
        cosine,
        lexical: undefined,
        exact: 0,
        score: 0,
      });
    else if (cosine !== undefined && (unit.dense === undefined || cosine > unit.dense))
      Object.assign(unit, { dense: cosine, cosine, chunkId });
  };
  for (const hit of lexical) {
    for (const chunkId of hit.chunkIds) offer(hit.documentId, chunkId);
    const unit = units.get(hit.documentId);
    if (unit) Object.assign(unit, { lexical: hit.score, exact: hit.exact ?? 0 });
  }
  for (const hit of dense) offer(hit.documentId, hit.chunkId);
  return [...units.values()];
}

/** Of what was found by words alone, in its order. */
export function lexicalUnits(hits: readonly LexicalHit[], grouping: 'none' | 'document'): RankedUnit[] {
  return hits.flatMap((hit) => {
    const [chunkId] = hit.chunkIds;
    if (chunkId === undefined) return [];
    const id = grouping === 'document' ? hit.documentId : chunkId;
    const { documentId, score, exact = 0 } = hit;
    return [{ id, documentId, chunkId, dense: undefined, cosine: undefined, lexical: score, exact, score }];
  });
}
