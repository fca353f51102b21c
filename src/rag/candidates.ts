import type { LexicalHit } from '../lexical/lexical.types.js';
import type { VectorHit } from '../vector/vector.types.js';
import type { Candidate } from './fusion.js';

/** A candidate with the passage that stands for it. */
export interface RankedUnit extends Candidate {
  documentId: string;
  chunkId: string;
  /** Of the query itself with the passage; what is ranked by may be the cosine of an improved query. */
  cosine: number | undefined;
  /** How many of the query's quoted phrases and rare identifiers it holds; these come first. */
  exact: number;
}

export const similarity = (distance: number | undefined): number | undefined =>
  distance === undefined ? undefined : 1 - distance;

/** What is known of passages by meaning. `moved`: what was asked with is not the query's own vector. */
class Meanings {
  private readonly byChunk = new Map<string, VectorHit>();

  constructor(
    hits: readonly VectorHit[],
    private readonly moved: boolean,
  ) {
    for (const hit of hits) this.byChunk.set(hit.chunkId, hit);
  }

  of(chunkId: string): VectorHit | undefined {
    return this.byChunk.get(chunkId);
  }

  cosine(hit: VectorHit | undefined): number | undefined {
    return similarity(this.moved ? hit?.ownDistance : hit?.distance);
  }
}

/** One candidate for each passage that either retriever found. */
export function passageCandidates(
  hits: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  moved: boolean,
): RankedUnit[] {
  const units = new Map<string, RankedUnit>();
  const meanings = new Meanings(hits, moved);
  const offer = (documentId: string, chunkId: string, bm25?: number, exact = 0): void => {
    if (units.has(chunkId)) return;
    const hit = meanings.of(chunkId);
    const [dense, cosine] = [similarity(hit?.distance), meanings.cosine(hit)];
    units.set(chunkId, { id: chunkId, documentId, chunkId, dense, cosine, lexical: bm25, exact, score: 0 });
  };
  for (const hit of lexical)
    for (const id of hit.chunkIds.slice(0, 1)) offer(hit.documentId, id, hit.score, hit.exact);
  for (const hit of hits) offer(hit.documentId, hit.chunkId);
  return [...units.values()];
}

/**
 * One candidate for each document that either retriever found: the cosine of its best passage, the BM25 of the
 * whole document, and as its passage the one nearest to the query.
 */
export function documentCandidates(
  hits: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  moved: boolean,
): RankedUnit[] {
  const units = new Map<string, RankedUnit>();
  const meanings = new Meanings(hits, moved);
  const offer = (id: string, chunkId: string): void => {
    const unit = units.get(id);
    // Most documents come with one passage, which both retrievers found.
    if (unit?.chunkId === chunkId) return;
    const hit = meanings.of(chunkId);
    const dense = similarity(hit?.distance);
    if (!unit) {
      const cosine = meanings.cosine(hit);
      units.set(id, { id, documentId: id, chunkId, dense, cosine, lexical: undefined, exact: 0, score: 0 });
    } else if (dense !== undefined && (unit.dense === undefined || dense > unit.dense)) {
      unit.dense = dense;
      unit.cosine = meanings.cosine(hit);
      unit.chunkId = chunkId;
    }
  };
  for (const hit of lexical) {
    for (const chunkId of hit.chunkIds) offer(hit.documentId, chunkId);
    const unit = units.get(hit.documentId);
    if (!unit) continue;
    unit.lexical = hit.score;
    unit.exact = hit.exact ?? 0;
  }
  for (const hit of hits) offer(hit.documentId, hit.chunkId);
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
