import { BM25 } from '../bm25.js';
import type { Segment } from '../segment/segment.js';
import { LongTerms } from './long-terms.js';
import { TermCache } from './term-cache.js';
import type { TermUnits } from './term-units.js';
import type { Level } from '../level.js';
import { uuidAt } from '../../../common/search/uuid-bytes.js';

/** Sums over live documents; integers, so that adding and subtracting never drifts. */
export interface Totals {
  documents: number;
  chunks: number;
  bodyLength: number;
  headingLength: number;
  titleLength: number;
  /** Each title as often as its document has chunks. */
  titleLengthByChunk: number;
  /** Documents that came as files. */
  named: number;
}

/** Of a segment; about 100 bytes each. */
const MOST_COUNTED = 1024;

export const noTotals = (): Totals => ({
  documents: 0,
  chunks: 0,
  bodyLength: 0,
  headingLength: 0,
  titleLength: 0,
  titleLengthByChunk: 0,
  named: 0,
});

export function addTotals(to: Totals, of: Totals, sign: 1 | -1): void {
  to.documents += sign * of.documents;
  to.chunks += sign * of.chunks;
  to.bodyLength += sign * of.bodyLength;
  to.headingLength += sign * of.headingLength;
  to.titleLength += sign * of.titleLength;
  to.titleLengthByChunk += sign * of.titleLengthByChunk;
  to.named += sign * of.named;
}

/** A segment in memory with what changes about it: which of its documents are dead, and where it stands. */
export class HeldSegment {
  /** 1 for documents whose version was retired or is held by a later segment. */
  readonly dead: Uint8Array;
  readonly live: Totals = noTotals();
  readonly documentOfChunk: Uint32Array;
  /** Weighted lengths for BM25. */
  readonly documentLength: Float32Array;
  readonly chunkLength: Float32Array;
  /** Collection ids as text, by the ordinals that documents refer to. */
  readonly collections: readonly string[];
  /** Of each collection, dead ones included. */
  readonly documentsOf: Uint32Array;
  /** Which live units hold a term, of those that are asked for again and again. */
  readonly terms: Record<Level, TermCache<TermUnits>> = { document: new TermCache(), chunk: new TermCache() };
  /** What terms of long lists can add, and where to enter these. */
  readonly long = new LongTerms();
  /** How many live units hold a term, by term, of those that were asked for lately. */
  private readonly counts = new Map<string, number>();
  /** Which of the segments it is, and where its ordinals start in the whole index; set whenever their list changes. */
  place = 0;
  documentBase = 0;
  chunkBase = 0;

  /** `first` and `last`: sequence numbers whose content this is. */
  constructor(
    readonly segment: Segment,
    readonly first: number,
    readonly last: number,
  ) {
    this.dead = new Uint8Array(segment.documents);
    this.documentOfChunk = new Uint32Array(segment.chunks);
    this.documentLength = new Float32Array(segment.documents);
    this.chunkLength = new Float32Array(segment.chunks);
    this.collections = Array.from({ length: segment.collectionIds.length / 16 }, (_, i) =>
      uuidAt(segment.collectionIds, i),
    );
    this.documentsOf = new Uint32Array(this.collections.length);
    for (let document = 0; document < segment.documents; document++) {
      this.documentsOf[segment.documentCollection[document]!]!++;
      const totals = this.measure(document);
      this.documentLength[document] = totals.bodyLength + BM25.document.titleWeight * totals.titleLength;
      addTotals(this.live, totals, 1);
      for (let chunk = segment.firstChunk[document]!; chunk < segment.firstChunk[document + 1]!; chunk++) {
        this.documentOfChunk[chunk] = document;
        this.chunkLength[chunk] =
          segment.bodyLength[chunk]! +
          BM25.chunk.headingWeight * segment.headingLength[chunk]! +
          BM25.chunk.titleWeight * segment.titleLength[document]!;
      }
    }
  }

  get bytes(): number {
    return this.segment.buffer.byteLength;
  }

  /** The number of its first unit in the whole index. */
  base(level: Level): number {
    return level === 'document' ? this.documentBase : this.chunkBase;
  }

  /** How many units it has, dead ones included. */
  units(level: Level): number {
    return level === 'document' ? this.segment.documents : this.segment.chunks;
  }

  lengths(level: Level): Float32Array {
    return level === 'document' ? this.documentLength : this.chunkLength;
  }

  /** Marks a document dead and gives what the totals lose; `undefined` where it was dead already. */
  kill(document: number): Totals | undefined {
    if (this.dead[document] === 1) return undefined;
    this.dead[document] = 1;
    this.counts.clear();
    this.terms.document.clear();
    this.terms.chunk.clear();
    this.long.forgetCounts();
    const lost = this.measure(document);
    addTotals(this.live, lost, -1);
    return lost;
  }

  /** The number of live units with a term, counted once as long as all of them live. */
  counted(key: string, count: () => number): number {
    let known = this.counts.get(key);
    if (known !== undefined) return known;
    if (this.counts.size >= MOST_COUNTED) this.counts.clear();
    this.counts.set(key, (known = count()));
    return known;
  }

  private measure(document: number): Totals {
    const { segment } = this;
    const from = segment.firstChunk[document]!;
    const to = segment.firstChunk[document + 1]!;
    const titleLength = segment.titleLength[document]!;
    const totals: Totals = {
      documents: 1,
      chunks: to - from,
      bodyLength: 0,
      headingLength: 0,
      titleLength,
      titleLengthByChunk: titleLength * (to - from),
      named: segment.nameLength[document]! > 0 ? 1 : 0,
    };
    for (let chunk = from; chunk < to; chunk++) {
      totals.bodyLength += segment.bodyLength[chunk]!;
      totals.headingLength += segment.headingLength[chunk]!;
    }
    return totals;
  }
}
