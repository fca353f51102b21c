import { BM25, inverseDocumentFrequency } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { SearchIndex } from './search-index.js';
import { PostingReader } from './segment.js';

export type Level = 'chunk' | 'document';

export interface QueryTerm {
  term: string;
  bytes: Uint8Array;
  /** How often the query holds the term. */
  weight: number;
}

/** Scores by unit of the whole index, and the units that have one. Valid only inside the callback. */
type UseScores = (scores: Float64Array, touched: Uint32Array) => void;

/**
 * BM25 over all segments, one term after the other. The number of live units that hold a term is known only
 * after its postings were read, so they are gathered first and scored then; nothing is decoded twice.
 */
export class Scorer {
  private readonly reader = new PostingReader();
  /** Weighted frequency of the current term, by unit; all zero between terms. */
  private frequencies = new Float32Array(0);
  /** Units with the current term. */
  private gathered = new Uint32Array(0);
  private gatheredCount = 0;
  private scores = new Float64Array(0);
  private touched = new Uint32Array(0);
  private touchedCount = 0;
  /** Of the terms scored last, in their order; 0 where no live unit holds the term. */
  readonly idf: number[] = [];

  constructor(private readonly index: SearchIndex) {}

  score(terms: readonly QueryTerm[], level: Level, use: UseScores): void {
    this.reserve(level);
    try {
      this.idf.length = 0;
      for (const term of terms) this.idf.push(this.scoreTerm(term, level));
      use(this.scores, this.touched.subarray(0, this.touchedCount));
    } finally {
      this.forget();
    }
  }

  private forget(): void {
    for (let i = 0; i < this.touchedCount; i++) this.scores[this.touched[i]!] = 0;
    this.touchedCount = 0;
  }

  /**
   * Scores of the passages of some live documents alone, marked by 1 in their segments: for choosing among passages of
   * one document. `idf` of each term, as scoring documents has found it.
   */
  scorePassages(
    terms: readonly QueryTerm[],
    idf: readonly number[],
    wanted: ReadonlyMap<HeldSegment, Uint8Array>,
    use: UseScores,
  ): void {
    this.reserve('chunk');
    const { k1 } = BM25.chunk;
    try {
      for (const [i, term] of terms.entries()) {
        const factor = term.weight * idf[i]! * (k1 + 1);
        for (const [held, marks] of factor > 0 ? wanted : []) {
          const at = held.segment.findTerm(term.bytes);
          if (at < 0) continue;
          this.gatheredCount = 0;
          this.reader.start(held.segment, at);
          this.gatherChunks(held, marks, 1);
          this.addScores('chunk', held, factor, 0, this.gatheredCount);
        }
      }
      use(this.scores, this.touched.subarray(0, this.touchedCount));
    } finally {
      this.forget();
    }
  }

  /** Live units of the index. */
  units(level: Level): number {
    const { documents, chunks } = this.index.totals;
    return level === 'document' ? documents : chunks;
  }

  /** k1 × b over the average length of a unit. */
  slope(level: Level): number {
    const { totals } = this.index;
    const { k1, b, titleWeight, headingWeight } = BM25[level];
    const total = level === 'document' ? totals.documents : totals.chunks;
    const length =
      level === 'document'
        ? totals.bodyLength + titleWeight * totals.titleLength
        : totals.bodyLength + headingWeight * totals.headingLength + titleWeight * totals.titleLengthByChunk;
    return length > 0 ? (k1 * b * total) / length : 0;
  }

  private scoreTerm(term: QueryTerm, level: Level): number {
    const { segments, totals } = this.index;
    const parts: { held: HeldSegment; from: number; to: number }[] = [];
    this.gatheredCount = 0;
    for (const held of segments) {
      const at = held.segment.findTerm(term.bytes);
      if (at < 0) continue;
      const from = this.gatheredCount;
      this.reader.start(held.segment, at);
      if (level === 'document') this.gatherDocuments(held);
      else this.gatherChunks(held, held.dead, 0);
      if (this.gatheredCount > from) parts.push({ held, from, to: this.gatheredCount });
    }
    if (this.gatheredCount === 0) return 0;

    const total = level === 'document' ? totals.documents : totals.chunks;
    const idf = inverseDocumentFrequency(total, this.gatheredCount);
    const factor = term.weight * idf * (BM25[level].k1 + 1);
    for (const { held, from, to } of parts) this.addScores(level, held, factor, from, to);
    return idf;
  }

  /** Of the units gathered from one segment, for the current term. */
  private addScores(level: Level, held: HeldSegment, factor: number, from: number, to: number): void {
    const { k1, b } = BM25[level];
    const constant = k1 * (1 - b);
    const slope = this.slope(level);
    const { frequencies, gathered, scores, touched } = this;
    const base = level === 'document' ? held.documentBase : held.chunkBase;
    const lengths = level === 'document' ? held.documentLength : held.chunkLength;
    for (let i = from; i < to; i++) {
      const unit = gathered[i]!;
      const frequency = frequencies[unit]!;
      frequencies[unit] = 0;
      if (scores[unit] === 0) touched[this.touchedCount++] = unit;
      scores[unit]! += (factor * frequency) / (frequency + constant + slope * lengths[unit - base]!);
    }
  }

  private gatherDocuments(held: HeldSegment): void {
    const { reader } = this;
    const { dead, documentOfChunk, documentBase } = held;
    let count = reader.next();
    for (let i = 0; i < count; i++) {
      const document = documentOfChunk[reader.ordinals[i]!]!;
      if (dead[document] === 0) this.gather(documentBase + document, reader.frequencies[i]!);
    }
    count = reader.next();
    const underHeadings = count === 0 ? NONE : reader.ordinals.slice(0, count);
    const { titleWeight } = BM25.document;
    count = reader.next();
    for (let i = 0; i < count; i++) {
      const document = reader.ordinals[i]!;
      if (dead[document] === 0) this.gather(documentBase + document, titleWeight * reader.frequencies[i]!);
    }
    // A heading is repeated for every passage under it and usually part of the text; it counts once, and only
    // where the word is nowhere else in the document.
    for (const chunk of underHeadings) {
      const document = documentOfChunk[chunk]!;
      const unit = documentBase + document;
      if (dead[document] === 0 && this.frequencies[unit] === 0) this.gather(unit, 1);
    }
  }

  /** Passages of documents whose flag is `taken`. */
  private gatherChunks(held: HeldSegment, flags: Uint8Array, taken: 0 | 1): void {
    const { reader } = this;
    const { documentOfChunk, chunkBase } = held;
    const { headingWeight, titleWeight } = BM25.chunk;
    for (const weight of [1, headingWeight]) {
      const count = reader.next();
      for (let i = 0; i < count; i++) {
        const chunk = reader.ordinals[i]!;
        if (flags[documentOfChunk[chunk]!] === taken)
          this.gather(chunkBase + chunk, weight * reader.frequencies[i]!);
      }
    }
    const { firstChunk } = held.segment;
    const count = reader.next();
    for (let i = 0; i < count; i++) {
      const document = reader.ordinals[i]!;
      if (flags[document] !== taken) continue;
      for (let chunk = firstChunk[document]!; chunk < firstChunk[document + 1]!; chunk++)
        this.gather(chunkBase + chunk, titleWeight * reader.frequencies[i]!);
    }
  }

  private gather(unit: number, frequency: number): void {
    if (this.frequencies[unit] === 0) this.gathered[this.gatheredCount++] = unit;
    this.frequencies[unit]! += frequency;
  }

  private reserve(level: Level): void {
    const last = this.index.segments.at(-1);
    if (last === undefined) return;
    const units =
      level === 'document'
        ? last.documentBase + last.segment.documents
        : last.chunkBase + last.segment.chunks;
    if (units <= this.scores.length) return;
    const size = Math.max(1024, Math.ceil(units * 1.25));
    this.frequencies = new Float32Array(size);
    this.gathered = new Uint32Array(size);
    this.scores = new Float64Array(size);
    this.touched = new Uint32Array(size);
  }
}

const NONE = new Uint32Array(0);
