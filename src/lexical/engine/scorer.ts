import { inverseDocumentFrequency, NAMES } from './bm25.js';
import type { HeldSegment } from './held-segment.js';
import type { Level } from './level.js';
import { PassageScorer, type DocumentPlace } from './passage-scorer.js';
import { PostingList, PostingReader } from './posting-reader.js';
import type { QueryTerm } from './query-term.js';
import type { SearchIndex } from './search-index.js';
import { TermLists, type ListedTerm } from './term-lists.js';
import { addTerm, addTermToMarked, formulaOf, slopeOf } from './term-scores.js';
import { ordinalOf, type TermUnits } from './term-units.js';
import type { Marked } from './units.js';

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
  private readonly list = new PostingList();
  private readonly lists = new TermLists();
  /** Of the term that is scored, by segment. */
  private readonly parts: TermUnits[] = [];
  /** Scores of some units; all zero between calls. */
  private some = new Float64Array(0);
  private readonly passages: PassageScorer;

  constructor(private readonly index: SearchIndex) {
    this.passages = new PassageScorer(index, this.lists);
  }

  /**
   * @param names what names of files are looked through for
   * @param scores as many zeros as there are units, dead ones included
   */
  score(
    terms: readonly QueryTerm[],
    names: readonly Uint8Array[],
    level: Level,
    scores: Float64Array,
  ): Scores {
    const idf: number[] = [];
    if (level === 'document') this.lists.startReadingAlong();
    for (const term of terms) {
      const count = this.gather(term.term, term.bytes, level);
      const weight = count === 0 ? 0 : inverseDocumentFrequency(this.units(level), count);
      idf.push(weight);
      if (count === 0) continue;
      const formula = formulaOf(this.index.totals, level, term.weight * weight);
      const { segments } = this.index;
      for (let i = 0; i < segments.length; i++) addTerm(this.parts[i]!, segments[i]!, formula, scores);
    }
    this.lists.stopReadingAlong();
    for (const name of names) this.addName(name, level, scores);
    return { idf, scores };
  }

  /** What was kept for naming passages of the documents that were scored last is not needed any more. */
  forgetPassages(): void {
    this.lists.forgetAlong();
  }

  /** Looks up a term's units in all segments; @returns how many there are. */
  private gather(text: string, bytes: Uint8Array, level: Level): number {
    const term = this.lists.begin(text, bytes, level);
    const { segments } = this.index;
    let count = 0;
    this.parts.length = segments.length;
    for (let i = 0; i < segments.length; i++) {
      const part = this.lists.of(segments[i]!, term);
      this.parts[i] = part;
      count += part.count;
    }
    return count;
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
        const listed = this.lists.begin(term.term, term.bytes, level);
        const holding = this.unitsHolding(listed);
        if (holding === 0) return 0;
        const weight = inverseDocumentFrequency(this.units(level), holding);
        const formula = formulaOf(this.index.totals, level, term.weight * weight);
        for (const [held, marks] of wanted)
          addTermToMarked(this.lists.of(held, listed), held, marks, formula, scores, touched);
        return weight;
      });
      for (const name of names) this.addName(name, level, scores, { wanted, touched });
      return use({ idf, scores }, touched);
    } finally {
      for (const unit of touched) scores[unit] = 0;
    }
  }

  /** Live units with a term: what was counted for a segment counts until one of its documents is gone. */
  private unitsHolding(term: ListedTerm): number {
    const key = `${term.level} ${term.term}`;
    let sum = 0;
    for (const held of this.index.segments) sum += held.unitsWith(key, () => this.lists.of(held, term).count);
    return sum;
  }

  /** Of each of these documents, in the order of their units, the number of its best passage in the segment. */
  bestPassages(
    terms: readonly QueryTerm[],
    idf: readonly number[],
    documents: readonly DocumentPlace[],
  ): Uint32Array {
    return this.passages.best(terms, idf, documents);
  }

  /** How many live units hold a term in their text, and how many documents in the name of their file. */
  holding(term: string, level: Level): { texts: number; names: number } {
    const bytes = Buffer.from(term, 'utf8');
    const texts = this.gather(term, bytes, level);
    return { texts, names: this.filesNamed(bytes).reduce((sum, { documents }) => sum + documents.length, 0) };
  }

  /** Live units that hold a term, be it in the name of their file. */
  unitsWith(term: string, level: Level): Set<number> {
    const bytes = Buffer.from(term, 'utf8');
    this.gather(term, bytes, level);
    const units = new Set<number>();
    for (const [i, held] of this.index.segments.entries()) {
      const { packed, from, to } = this.parts[i]!;
      for (let at = from; at < to; at++) units.add(held.base(level) + ordinalOf(packed[at]!));
    }
    for (const { held, documents } of this.filesNamed(bytes))
      for (const document of documents) {
        const [first, end] = range(held, document, level);
        for (let unit = first; unit < end; unit++) units.add(unit);
      }
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
        this.reader.next(this.list);
        if (field === 'headings') continue;
        for (const ordinal of this.list.ordinals.subarray(0, this.list.count))
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
    this.reader.next(this.list);
    const { ordinals, count } = this.list;
    return ordinals.subarray(0, count).filter((document) => held.dead[document] === 0);
  }

  /** Live units of the index. */
  units(level: Level): number {
    const { documents, chunks } = this.index.totals;
    return level === 'document' ? documents : chunks;
  }

  /** Of the index, dead ones included. */
  allUnits(level: Level): number {
    const last = this.index.segments.at(-1);
    if (last === undefined) return 0;
    return last.base(level) + last.units(level);
  }

  /** k1 × b over the average length of a unit. */
  slope(level: Level): number {
    return slopeOf(this.index.totals, level);
  }

  private reserveSome(level: Level): Float64Array {
    const units = this.allUnits(level);
    if (units > this.some.length) this.some = new Float64Array(Math.ceil(units * 1.25));
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
