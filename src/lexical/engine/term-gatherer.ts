import { BM25 } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import { PostingReader } from './posting-reader.js';
import type { SearchIndex } from './search-index.js';

export type Level = 'chunk' | 'document';

/** Documents of segments, marked by 1. */
export type Marked = ReadonlyMap<HeldSegment, Uint8Array>;

/** A segment's share of the units that hold a term. */
export interface Part {
  held: HeldSegment;
  from: number;
  to: number;
}

/** Decodes the postings of one term: which units of the whole index hold it, and how often by weight of the field. */
export class TermGatherer {
  /** Weighted frequency of the gathered term, by unit; all zero between terms. */
  frequencies = new Float32Array(0);
  /** Units with the gathered term, `count` of them. */
  gathered = new Uint32Array(0);
  count = 0;
  private readonly reader = new PostingReader();

  constructor(private readonly index: SearchIndex) {}

  /** Makes room; @returns how many units there are, dead ones included. */
  reserve(level: Level): number {
    const last = this.index.segments.at(-1);
    if (last === undefined) return 0;
    const units =
      level === 'document'
        ? last.documentBase + last.segment.documents
        : last.chunkBase + last.segment.chunks;
    if (units > this.frequencies.length) {
      const size = Math.max(1024, Math.ceil(units * 1.25));
      this.frequencies = new Float32Array(size);
      this.gathered = new Uint32Array(size);
    }
    return units;
  }

  /** Of live documents, or of those that are marked. Whoever gathers has to score or `forget` before the next term. */
  gatherTerm(term: Uint8Array, level: Level, wanted?: Marked): Part[] {
    const parts: Part[] = [];
    this.count = 0;
    for (const held of wanted?.keys() ?? this.index.segments) {
      const at = held.segment.findTerm(term);
      if (at < 0) continue;
      const from = this.count;
      if (wanted) this.gatherIn(held, at, level, wanted.get(held)!, 1);
      else this.gatherIn(held, at, level, held.dead, 0);
      if (this.count > from) parts.push({ held, from, to: this.count });
    }
    return parts;
  }

  /** Live units of one segment that hold a term. */
  countIn(held: HeldSegment, term: Uint8Array, level: Level): number {
    this.count = 0;
    const at = held.segment.findTerm(term);
    if (at >= 0) this.gatherIn(held, at, level, held.dead, 0);
    return this.forget();
  }

  /** Leaves no frequencies behind; @returns how many units there were. */
  forget(): number {
    for (const unit of this.gathered.subarray(0, this.count)) this.frequencies[unit] = 0;
    return this.count;
  }

  /** Units with a segment's term, of documents whose flag is `taken`. */
  private gatherIn(held: HeldSegment, term: number, level: Level, flags: Uint8Array, taken: 0 | 1): void {
    this.reader.start(held.segment, term);
    if (level === 'document') this.gatherDocuments(held, flags, taken);
    else this.gatherChunks(held, flags, taken);
  }

  private gatherDocuments(held: HeldSegment, flags: Uint8Array, taken: 0 | 1): void {
    const { reader } = this;
    const { documentOfChunk, documentBase } = held;
    reader.next(); // names count apart
    let count = reader.next();
    for (let i = 0; i < count; i++) {
      const document = documentOfChunk[reader.ordinals[i]!]!;
      if (flags[document] === taken) this.gather(documentBase + document, reader.frequencies[i]!);
    }
    count = reader.next();
    const underHeadings = count === 0 ? NONE : reader.ordinals.slice(0, count);
    const { titleWeight } = BM25.document;
    count = reader.next();
    for (let i = 0; i < count; i++) {
      const document = reader.ordinals[i]!;
      if (flags[document] === taken)
        this.gather(documentBase + document, titleWeight * reader.frequencies[i]!);
    }
    // A heading is repeated for every passage under it and usually part of the text; it counts once, and only
    // where the word is nowhere else in the document.
    for (const chunk of underHeadings) {
      const document = documentOfChunk[chunk]!;
      const unit = documentBase + document;
      if (flags[document] === taken && this.frequencies[unit] === 0) this.gather(unit, 1);
    }
  }

  /** Passages of documents whose flag is `taken`. */
  private gatherChunks(held: HeldSegment, flags: Uint8Array, taken: 0 | 1): void {
    const { reader } = this;
    const { documentOfChunk, chunkBase } = held;
    const { headingWeight, titleWeight } = BM25.chunk;
    reader.next(); // names count apart
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

  gather(unit: number, frequency: number): void {
    if (this.frequencies[unit] === 0) this.gathered[this.count++] = unit;
    this.frequencies[unit]! += frequency;
  }
}

const NONE = new Uint32Array(0);
