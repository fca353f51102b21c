import { worth, type Formula } from '../formula.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { QueryTerm } from './query-term.js';
import type { SearchIndex } from '../held/search-index.js';
import type { TermLists } from './term-lists.js';
import { ordinalOf, type TermUnits } from '../held/term-units.js';
import { scoringTerms } from './unit-scorer.js';
import { Wanted } from '../segment/wanted.js';

/** A document of a segment. */
export interface DocumentPlace {
  held: HeldSegment;
  document: number;
}

/** Finds the passage of a document that a query means. */
export class PassageScorer {
  private scores = new Float64Array(0);

  constructor(
    private readonly index: SearchIndex,
    private readonly lists: TermLists,
  ) {}

  /**
   * Of each of these documents, in the order of their segments and in these by number, the passage with the highest BM25,
   * the first of equal ones, as its number in the segment; terms weigh as among documents.
   */
  best(
    terms: readonly QueryTerm[],
    idf: readonly number[],
    documents: readonly DocumentPlace[],
  ): Uint32Array {
    let size = 0;
    for (const { held, document } of documents) size += passagesOf(held, document);
    if (size > this.scores.length) this.scores = new Float64Array(size * 2);
    const scores = this.scores.fill(0, 0, size);
    const scoring = scoringTerms(this.index.totals, terms, idf, 'chunk');
    let base = 0;
    for (const { held, wanted } of bySegment(documents)) {
      this.lists.release();
      for (const { listed: term, formula } of scoring)
        addPassages(this.lists.of(held, term, wanted), held, wanted, formula, scores, base);
      for (let i = 0; i < wanted.count; i++) base += passagesOf(held, wanted.units[i]!);
    }
    let first = 0;
    return Uint32Array.from(documents, ({ held, document }) => {
      const end = first + passagesOf(held, document);
      let best = first;
      for (let at = first + 1; at < end; at++) if (scores[at]! > scores[best]!) best = at;
      const passage = held.segment.firstChunk[document]! + best - first;
      first = end;
      return passage;
    });
  }
}

/** Adds what a term is worth to all passages of some documents, one document after the other in `scores` from `base` on. */
function addPassages(
  units: TermUnits,
  held: HeldSegment,
  documents: Wanted,
  formula: Formula,
  scores: Float64Array,
  base: number,
): void {
  let at = units.from;
  for (let i = 0; i < documents.count; i++) {
    const [first, last] = [documents.first(i), documents.last(i)];
    for (at = units.lowerBound(first, at); at < units.to; at++) {
      const packed = units.packed[at]!;
      const passage = ordinalOf(packed);
      if (passage > last) break;
      const length = held.chunkLength[passage]!;
      scores[base + passage - first]! += worth(formula, units.frequencyOf(packed), length);
    }
    base += last - first + 1;
  }
}

const passagesOf = ({ segment: { firstChunk } }: HeldSegment, document: number): number =>
  firstChunk[document + 1]! - firstChunk[document]!;

/** Documents that are in the order of their segments. */
function bySegment(documents: readonly DocumentPlace[]): { held: HeldSegment; wanted: Wanted }[] {
  const all = new Uint32Array(documents.length);
  const groups: { held: HeldSegment; wanted: Wanted }[] = [];
  let wanted: Wanted | undefined;
  for (let i = 0; i < documents.length; i++) {
    const { held, document } = documents[i]!;
    all[i] = document;
    if (i === 0 || held !== documents[i - 1]!.held) {
      wanted = new Wanted(all.subarray(i), held.segment.firstChunk);
      groups.push({ held, wanted });
    }
    wanted!.count++;
  }
  return groups;
}
