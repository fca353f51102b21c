import type { HeldSegment } from './held-segment.js';
import type { QueryTerm } from './query-term.js';
import type { SearchIndex } from './search-index.js';
import type { TermLists } from './term-lists.js';
import { formulaOf, worth } from './term-scores.js';
import { NO_UNITS, ordinalOf } from './term-units.js';

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
    terms.forEach((term, i) => {
      if (idf[i]! > 0) this.addPassages(term, term.weight * idf[i]!, documents, scores);
    });
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

  /** Adds what a term is worth to all passages of some documents, one document after the other in `scores`. */
  private addPassages(
    { term, bytes }: QueryTerm,
    weight: number,
    documents: readonly DocumentPlace[],
    scores: Float64Array,
  ): void {
    const formula = formulaOf(this.index.totals, 'chunk', weight);
    const listed = this.lists.begin(term, bytes, 'chunk');
    let segment: HeldSegment | undefined;
    let units = NO_UNITS;
    let at = 0;
    let base = 0;
    for (const { held, document } of documents) {
      if (held !== segment) {
        segment = held;
        units = this.lists.of(held, listed);
        at = units.from;
      }
      const { firstChunk } = held.segment;
      const [first, end] = [firstChunk[document]!, firstChunk[document + 1]!];
      for (at = units.lowerBound(first, at); at < units.to; at++) {
        const packed = units.packed[at]!;
        const passage = ordinalOf(packed);
        if (passage >= end) break;
        const length = held.chunkLength[passage]!;
        scores[base + passage - first]! += worth(formula, units.frequencyOf(packed), length);
      }
      base += end - first;
    }
  }
}

const passagesOf = ({ segment: { firstChunk } }: HeldSegment, document: number): number =>
  firstChunk[document + 1]! - firstChunk[document]!;
