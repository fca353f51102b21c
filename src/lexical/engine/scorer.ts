import { BM25, inverseDocumentFrequency, NAMES } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { SearchIndex } from './search-index.js';
import { PostingReader } from './posting-reader.js';
import { TermGatherer, type Level, type Marked, type Part } from './term-gatherer.js';

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

/** What is scored, and the units that got a score so far. */
interface Among {
  wanted: Marked;
  touched: number[];
}

/**
 * BM25 over all segments, one term after the other. The number of live units that hold a term is known only
 * after its postings were read, so they are gathered first and scored then; nothing is decoded twice.
 */
export class Scorer {
  private readonly reader = new PostingReader();
  private readonly terms: TermGatherer;
  /** Scores of some units; all zero between calls. */
  private some = new Float64Array(0);

  constructor(private readonly index: SearchIndex) {
    this.terms = new TermGatherer(index);
  }

  /** @param names what names of files are looked through for */
  score(terms: readonly QueryTerm[], names: readonly Uint8Array[], level: Level): Scores {
    const scores = new Float64Array(this.terms.reserve(level));
    const idf = terms.map((term) => {
      const parts = this.terms.gatherTerm(term.bytes, level);
      if (this.terms.count === 0) return 0;
      const weight = inverseDocumentFrequency(this.units(level), this.terms.count);
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
        const parts = this.terms.gatherTerm(term.bytes, level, wanted);
        for (const unit of this.terms.gathered.subarray(0, this.terms.count))
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
      sum += held.unitsWith(`${level} ${term}`, () => this.terms.countIn(held, bytes, level));
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
        const parts = idf[i] === 0 ? [] : this.terms.gatherTerm(term.bytes, 'chunk', wanted);
        if (parts.length === 0) return;
        touched.push(this.terms.gathered.slice(0, this.terms.count));
        this.addTerm(parts, 'chunk', term.weight * idf[i]!, scores);
      });
      use(scores);
    } finally {
      for (const units of touched) for (const unit of units) scores[unit] = 0;
    }
  }

  /** How many live units hold a term in their text, and how many documents in the name of their file. */
  holding(term: string, level: Level): { texts: number; names: number } {
    this.terms.reserve(level);
    const bytes = Buffer.from(term, 'utf8');
    this.terms.gatherTerm(bytes, level);
    const texts = this.terms.forget();
    return { texts, names: this.filesNamed(bytes).reduce((sum, { documents }) => sum + documents.length, 0) };
  }

  /** Live units that hold a term, be it in the name of their file. */
  unitsWith(term: string, level: Level): Uint32Array {
    this.terms.reserve(level);
    const bytes = Buffer.from(term, 'utf8');
    this.terms.gatherTerm(bytes, level);
    for (const { held, documents } of this.filesNamed(bytes))
      for (const document of documents) {
        const [first, end] = range(held, document, level);
        for (let unit = first; unit < end; unit++)
          if (this.terms.frequencies[unit] === 0) this.terms.gather(unit, 1);
      }
    const units = this.terms.gathered.slice(0, this.terms.count);
    this.terms.forget();
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

  /** Scores what was gathered, and leaves no frequencies behind. */
  private addTerm(parts: readonly Part[], level: Level, weight: number, scores: Float64Array): void {
    const { k1, b } = BM25[level];
    const factor = weight * (k1 + 1);
    const constant = k1 * (1 - b);
    const slope = this.slope(level);
    const { frequencies, gathered } = this.terms;
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

  private reserveSome(level: Level): Float64Array {
    if (this.terms.reserve(level) > this.some.length)
      this.some = new Float64Array(this.terms.frequencies.length);
    return this.some;
  }
}

const NONE = new Uint32Array(0);

/** The units of a document, in the whole index: itself, or its passages. */
function range(held: HeldSegment, document: number, level: Level): [first: number, end: number] {
  if (level === 'document') return [held.documentBase + document, held.documentBase + document + 1];
  const { firstChunk } = held.segment;
  return [held.chunkBase + firstChunk[document]!, held.chunkBase + firstChunk[document + 1]!];
}
