import type { LexicalHit } from '../../lexical/lexical.types.js';
import type { VectorHit } from '../../vector/vector.types.js';
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

/**
 * What is known of the passages that were found by words, which the query had included. `moved`: what was asked with is not
 * the query's own vector.
 */
class Meanings {
  /** Where the store tells which hit is which of them. */
  private readonly byPlace: (VectorHit | undefined)[] = [];
  private readonly byChunk: Map<string, VectorHit> | undefined;

  constructor(
    hits: readonly VectorHit[],
    private readonly moved: boolean,
  ) {
    if (hits[0]?.includedAs === undefined) this.byChunk = new Map(hits.map((hit) => [hit.chunkId, hit]));
    else for (const hit of hits) if (hit.includedAs! >= 0) this.byPlace[hit.includedAs!] = hit;
  }

  /** @param place of the chunk among all that were found by words */
  of(chunkId: string, place: number): VectorHit | undefined {
    return this.byChunk ? this.byChunk.get(chunkId) : this.byPlace[place];
  }

  cosine(hit: VectorHit | undefined): number | undefined {
    return similarity(this.moved ? hit?.ownDistance : hit?.distance);
  }
}

const foundByWords = ({ includedAs }: VectorHit): boolean => includedAs !== undefined && includedAs >= 0;

/** One candidate for each passage that either retriever found. */
export function passageCandidates(
  hits: readonly VectorHit[],
  lexical: readonly LexicalHit[],
  moved: boolean,
): RankedUnit[] {
  const units = new Map<string, RankedUnit>();
  const meanings = new Meanings(hits, moved);
  const offer = (
    documentId: string,
    chunkId: string,
    hit: VectorHit | undefined,
    bm25?: number,
    exact = 0,
  ): void => {
    const [dense, cosine] = [similarity(hit?.distance), meanings.cosine(hit)];
    units.set(chunkId, { id: chunkId, documentId, chunkId, dense, cosine, lexical: bm25, exact, score: 0 });
  };
  let place = 0;
  for (const hit of lexical) {
    const { chunkIds } = hit;
    const [id] = chunkIds;
    if (id !== undefined && !units.has(id))
      offer(hit.documentId, id, meanings.of(id, place), hit.score, hit.exact);
    place += chunkIds.length;
  }
  for (const hit of hits) if (!units.has(hit.chunkId)) offer(hit.documentId, hit.chunkId, hit);
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
  const offer = (
    unit: RankedUnit | undefined,
    id: string,
    chunkId: string,
    hit: VectorHit | undefined,
  ): RankedUnit => {
    // Most documents come with one passage, which both retrievers found.
    if (unit?.chunkId === chunkId) return unit;
    const dense = similarity(hit?.distance);
    if (!unit) {
      const cosine = meanings.cosine(hit);
      const made = { id, documentId: id, chunkId, dense, cosine, lexical: undefined, exact: 0, score: 0 };
      units.set(id, made);
      return made;
    }
    if (dense !== undefined && (unit.dense === undefined || dense > unit.dense)) {
      unit.dense = dense;
      unit.cosine = meanings.cosine(hit);
      unit.chunkId = chunkId;
    }
    return unit;
  };
  let place = 0;
  for (const hit of lexical) {
    const { documentId } = hit;
    let unit = units.get(documentId);
    for (const chunkId of hit.chunkIds)
      unit = offer(unit, documentId, chunkId, meanings.of(chunkId, place++));
    if (!unit) continue;
    unit.lexical = hit.score;
    unit.exact = hit.exact ?? 0;
  }
  for (const hit of hits)
    if (!foundByWords(hit)) offer(units.get(hit.documentId), hit.documentId, hit.chunkId, hit);
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
