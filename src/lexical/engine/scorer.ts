import { BM25, inverseDocumentFrequency, NAMES } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { SearchIndex } from './search-index.js';
import { PostingReader } from './posting-reader.js';

export type Level = 'chunk' | 'document';

export interface QueryTerm {
  term: string;
  bytes: Uint8Array;
  /** How often the query holds the term. */
  weight: number;
}

export interface Scores {
  /** Of the terms, in their order; 0 where no live unit holds one. */
  idf: number[];
  /** BM25 by unit of the whole index, and what names of files add. */
  scores: Float64Array;
}

/** Where a term stands, by numbers of the whole index: passages by their text, documents by what they are called. */
export interface Standing {
  bodies: Set<number>;
  titles: Set<number>;
  names: Set<number>;
}

/** Documents of segments, marked by 1. */
export type Marked = ReadonlyMap<HeldSegment, Uint8Array>;

/** What is scored, and the units that got a score so far. */
interface Among {
  wanted: Marked;
  touched: number[];
}

/** A segment's share of the units that hold a term. */
interface Part {
  held: HeldSegment;
  from: number;
  to: number;
}

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
  /** Scores of some units; all zero between calls. */
  private some = new Float64Array(0);

  constructor(private readonly index: SearchIndex) {}

  /** @param names what names of files are looked through for */
  score(terms: readonly QueryTerm[], names: readonly Uint8Array[], level: Level): Scores {
    const scores = new Float64Array(this.reserve(level));
    const idf = terms.map((term) => {
      const parts = this.gatherTerm(term.bytes, level);
      if (this.gatheredCount === 0) return 0;
      const weight = inverseDocumentFrequency(this.units(level), this.gatheredCount);
      this.addTerm(parts, level, term.weight * weight, scores);
      return weight;
    });
    for (const name of names) this.addName(name, level, scores);
    return { idf, scores };
  }

  /**
   * The same scores, of units in some live documents only, which are marked by 1 in their segments; other segments are not
   * read but for a term that nobody asked for lately. The scores are valid only inside the callback, which also gets the
   * units that have one.
   */
  scoreAmong<T>(
    terms: readonly QueryTerm[],
    names: readonly Uint8Array[],
    level: Level,
    wanted: Marked,
    use: (found: Scores, units: readonly number[]) => T,
  ): T {
    const scores = this.reserveSome(level);
    const touched: number[] = [];
    try {
      const idf = terms.map((term) => {
        const holding = this.unitsHolding(term, level);
        if (holding === 0) return 0;
        const weight = inverseDocumentFrequency(this.units(level), holding);
        const parts = this.gatherTerm(term.bytes, level, wanted);
        for (const unit of this.gathered.subarray(0, this.gatheredCount))
          if (scores[unit] === 0) touched.push(unit);
        this.addTerm(parts, level, term.weight * weight, scores);
        return weight;
      });
      for (const name of names) this.addName(name, level, scores, { wanted, touched });
      return use({ idf, scores }, touched);
    } finally {
      for (const unit of touched) scores[unit] = 0;
    }
  }

  /** Live units with a term: what was counted for a segment counts until one of its documents is gone. */
  private unitsHolding({ term, bytes }: QueryTerm, level: Level): number {
    let sum = 0;
    for (const held of this.index.segments)
      sum += held.unitsWith(`${level} ${term}`, () => {
        this.gatheredCount = 0;
        const at = held.segment.findTerm(bytes);
        if (at >= 0) this.gatherIn(held, at, level, held.dead, 0);
        for (const unit of this.gathered.subarray(0, this.gatheredCount)) this.frequencies[unit] = 0;
        return this.gatheredCount;
      });
    return sum;
  }

  /**
   * BM25 of the passages of some live documents, marked by 1 in their segments, by chunk of the whole index; terms
   * weigh as among documents. The scores are valid only inside the callback.
   */
  scorePassages(
    terms: readonly QueryTerm[],
    idf: readonly number[],
    wanted: Marked,
    use: (scores: Float64Array) => void,
  ): void {
    const scores = this.reserveSome('chunk');
    const touched: Uint32Array[] = [];
    try {
      terms.forEach((term, i) => {
        const parts = idf[i] === 0 ? [] : this.gatherTerm(term.bytes, 'chunk', wanted);
        if (parts.length === 0) return;
        touched.push(this.gathered.slice(0, this.gatheredCount));
        this.addTerm(parts, 'chunk', term.weight * idf[i]!, scores);
      });
      use(scores);
    } finally {
      for (const units of touched) for (const unit of units) scores[unit] = 0;
    }
  }

  /** How many live units hold a term in their text, and how many documents in the name of their file. */
  holding(term: string, level: Level): { texts: number; names: number } {
    this.reserve(level);
    const bytes = Buffer.from(term, 'utf8');
    this.gatherTerm(bytes, level);
    const texts = this.gatheredCount;
    for (const unit of this.gathered.subarray(0, texts)) this.frequencies[unit] = 0;
    return { texts, names: this.filesNamed(bytes).reduce((sum, { documents }) => sum + documents.length, 0) };
  }

  /** Live units that hold a term, be it in the name of their file. */
  unitsWith(term: string, level: Level): Uint32Array {
    this.reserve(level);
    const bytes = Buffer.from(term, 'utf8');
    this.gatherTerm(bytes, level);
    for (const { held, documents } of this.filesNamed(bytes))
      for (const document of documents) {
        const [first, end] = range(held, document, level);
        for (let unit = first; unit < end; unit++) if (this.frequencies[unit] === 0) this.gather(unit, 1);
      }
    const units = this.gathered.slice(0, this.gatheredCount);
    for (const unit of units) this.frequencies[unit] = 0;
    return units;
  }

  /** Where a term stands in documents that are marked by 1 in their segments. */
  standing(term: string, wanted: ReadonlyMap<HeldSegment, Uint8Array>): Standing {
    const found: Standing = { bodies: new Set(), titles: new Set(), names: new Set() };
    const bytes = Buffer.from(term, 'utf8');
    for (const [held, marks] of wanted) {
      const at = held.segment.findTerm(bytes);
      if (at < 0) continue;
      this.reader.start(held.segment, at);
      for (const field of ['names', 'bodies', 'headings', 'titles'] as const) {
        const count = this.reader.next();
        if (field === 'headings') continue;
        for (const ordinal of this.reader.ordinals.subarray(0, count))
          if (field === 'bodies') {
            if (marks[held.documentOfChunk[ordinal]!] === 1) found.bodies.add(held.chunkBase + ordinal);
          } else if (marks[ordinal] === 1) found[field].add(held.documentBase + ordinal);
      }
    }
    return found;
  }

  /** A word of the query in the name of a file counts the more the fewer documents are called by it, whatever the text says. */
  private addName(term: Uint8Array, level: Level, scores: Float64Array, among?: Among): void {
    const found = this.filesNamed(term, among?.wanted);
    const count = among
      ? this.countNamed(term)
      : found.reduce((sum, { documents }) => sum + documents.length, 0);
    const value = NAMES.weight * inverseDocumentFrequency(this.units('document'), count);
    for (const { held, documents } of found)
      for (const document of documents) {
        if (among && among.wanted.get(held)?.[document] !== 1) continue;
        const [first, end] = range(held, document, level);
        for (let unit = first; unit < end; unit++) {
          if (scores[unit] === 0) among?.touched.push(unit);
          scores[unit]! += value;
        }
      }
  }

  /** Live documents whose file is found by a term. */
  private filesNamed(term: Uint8Array, wanted?: Marked): { held: HeldSegment; documents: Uint32Array }[] {
    return [...(wanted?.keys() ?? this.index.segments)].flatMap((held) => {
      const documents = this.namedIn(held, term);
      return documents.length > 0 ? [{ held, documents }] : [];
    });
  }

  /** How many there are, as `unitsHolding` counts. */
  private countNamed(term: Uint8Array): number {
    const key = `name ${Buffer.from(term).toString('utf8')}`;
    return this.index.segments.reduce(
      (sum, held) => sum + held.unitsWith(key, () => this.namedIn(held, term).length),
      0,
    );
  }

  private namedIn(held: HeldSegment, term: Uint8Array): Uint32Array {
    const at = held.live.named > 0 ? held.segment.findTerm(term) : -1;
    if (at < 0) return NONE;
    this.reader.start(held.segment, at);
    const count = this.reader.next();
    return this.reader.ordinals.slice(0, count).filter((document) => held.dead[document] === 0);
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

  private gatherTerm(term: Uint8Array, level: Level, wanted?: Marked): Part[] {
    const parts: Part[] = [];
    this.gatheredCount = 0;
    for (const held of wanted?.keys() ?? this.index.segments) {
      const at = held.segment.findTerm(term);
      if (at < 0) continue;
      const from = this.gatheredCount;
      if (wanted) this.gatherIn(held, at, level, wanted.get(held)!, 1);
      else this.gatherIn(held, at, level, held.dead, 0);
      if (this.gatheredCount > from) parts.push({ held, from, to: this.gatheredCount });
    }
    return parts;
  }

  /** Scores what was gathered, and leaves no frequencies behind. */
  private addTerm(parts: readonly Part[], level: Level, weight: number, scores: Float64Array): void {
    const { k1, b } = BM25[level];
    const factor = weight * (k1 + 1);
    const constant = k1 * (1 - b);
    const slope = this.slope(level);
    const { frequencies, gathered } = this;
    for (const { held, from, to } of parts) {
      const base = level === 'document' ? held.documentBase : held.chunkBase;
      const lengths = level === 'document' ? held.documentLength : held.chunkLength;
      for (let i = from; i < to; i++) {
        const unit = gathered[i]!;
        const frequency = frequencies[unit]!;
        frequencies[unit] = 0;
        scores[unit]! += (factor * frequency) / (frequency + constant + slope * lengths[unit - base]!);
      }
    }
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

  private gather(unit: number, frequency: number): void {
    if (this.frequencies[unit] === 0) this.gathered[this.gatheredCount++] = unit;
    this.frequencies[unit]! += frequency;
  }

  private reserveSome(level: Level): Float64Array {
    if (this.reserve(level) > this.some.length) this.some = new Float64Array(this.frequencies.length);
    return this.some;
  }

  /** Makes room; @returns how many units there are, dead ones included. */
  private reserve(level: Level): number {
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
}

const NONE = new Uint32Array(0);

/** The units of a document, in the whole index: itself, or its passages. */
function range(held: HeldSegment, document: number, level: Level): [first: number, end: number] {
  if (level === 'document') return [held.documentBase + document, held.documentBase + document + 1];
  const { firstChunk } = held.segment;
  return [held.chunkBase + firstChunk[document]!, held.chunkBase + firstChunk[document + 1]!];
}
