import { BestUnits, type BoundedTerm } from './best-units.js';
import { inverseDocumentFrequency } from '../bm25.js';
import { addToNamed, FileNames, unitsOf } from './file-names.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { Level } from '../level.js';
import { PassageScorer, type DocumentPlace } from './passage-scorer.js';
import { PostingList, PostingReader } from '../segment/posting-reader.js';
import type { QueryTerm } from './query-term.js';
import type { SearchIndex } from '../held/search-index.js';
import type { Weighed } from './recent-scores.js';
import { listedTerm, MOST_UNMARKED, TermLists, type ListedTerm } from './term-lists.js';
import { addTerm, addTermToMarked, formulaOf, slopeOf } from './term-scores.js';
import { ordinalOf, type TermUnits } from '../held/term-units.js';
import type { TermBounds } from '../held/term-bounds.js';
import type { TopUnits } from './top-units.js';
import { scoreUnits, scoringTerms, type NameScore } from './unit-scorer.js';
import type { Marked, Scope } from './units.js';

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
  private readonly names: FileNames;
  private readonly passages: PassageScorer;
  private readonly bestUnits: BestUnits;

  constructor(private readonly index: SearchIndex) {
    this.names = new FileNames(index);
    this.passages = new PassageScorer(index, this.lists);
    this.bestUnits = new BestUnits(index, this.lists);
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
    this.lists.beginQuery(Infinity);
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
    for (const name of names) {
      const found = this.names.find(name);
      addToNamed(found, this.names.worth(countOf(found)), level, scores);
    }
    return { idf, scores };
  }

  /** What the terms weigh, and what they can add where: known for those that were asked for before. */
  private bound(terms: readonly QueryTerm[], level: Level): { idf: number[]; bounded: BoundedTerm[] } {
    this.lists.beginQuery(level === 'document' ? MOST_UNMARKED : 0);
    const known = terms.map(({ term, bytes }) => ({
      listed: { ...listedTerm(term, bytes, level), kept: [] },
      bounds: [] as TermBounds[],
    }));
    // Segment by segment: what is read of one stays near the processor.
    for (const held of this.index.segments)
      for (const { listed: term, bounds } of known) bounds.push(this.lists.boundsOf(held, term));
    const bounded: BoundedTerm[] = [];
    const idf = terms.map(({ weight }, i) => {
      const count = known[i]!.bounds.reduce((sum, bounds) => sum + bounds.count, 0);
      if (count === 0) return 0;
      const value = inverseDocumentFrequency(this.units(level), count);
      bounded.push({ ...known[i]!, formula: formulaOf(this.index.totals, level, weight * value) });
      return value;
    });
    return { idf, bounded };
  }

  /** What the terms weigh. */
  weigh(terms: readonly QueryTerm[], level: Level): number[] {
    return terms.map(({ term, bytes }) => {
      const holding = this.unitsHolding(this.lists.begin(term, bytes, level));
      return holding === 0 ? 0 : inverseDocumentFrequency(this.units(level), holding);
    });
  }

  /** What was kept for naming passages of the documents that were scored last is not needed any more. */
  endQuery(): void {
    this.lists.endQuery();
  }

  /**
   * Offers the best in scope, with the same scores; most of the postings of terms that are everywhere are not read.
   * @returns what the terms weigh
   */
  scoreBest(
    terms: readonly QueryTerm[],
    names: readonly Uint8Array[],
    level: Level,
    scope: Scope,
    top: TopUnits,
  ): number[] {
    const { idf, bounded } = this.bound(terms, level);
    this.bestUnits.find(bounded, this.namesOf(names), level, scope, top);
    this.lists.stopReadingAlong();
    return idf;
  }

  /** The same scores, of these units: of the whole index, ascending. */
  scoreUnits(
    { terms, idf, names }: Pick<Weighed, 'terms' | 'idf' | 'names'>,
    level: Level,
    units: Uint32Array,
  ): Float64Array {
    const scoring = scoringTerms(this.index.totals, terms, idf, level);
    return scoreUnits(this.index, this.lists, scoring, this.namesOf(names), level, units);
  }

  private namesOf(names: readonly Uint8Array[]): NameScore[] {
    return names.map((name) => {
      const found = this.names.find(name);
      return {
        found: new Map(found.map(({ held, documents }) => [held, documents])),
        value: this.names.worth(countOf(found)),
      };
    });
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
      for (const name of names) {
        const found = this.names.find(name, wanted.keys());
        addToNamed(found, this.names.worth(this.names.count(name)), level, scores, { wanted, touched });
      }
      return use({ idf, scores }, touched);
    } finally {
      for (const unit of touched) scores[unit] = 0;
    }
  }

  /** Live units with a term: what was counted for a segment counts until one of its documents is gone. */
  private unitsHolding(term: ListedTerm): number {
    const key = `${term.level} ${term.term}`;
    return this.index.segments.reduce(
      (sum, held) => sum + held.counted(key, () => this.lists.of(held, term).count),
      0,
    );
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
    return { texts, names: countOf(this.names.find(bytes)) };
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
    for (const { held, documents } of this.names.find(bytes))
      for (const document of documents) {
        const [first, end] = unitsOf(held, document, level);
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

const countOf = (found: readonly { documents: Uint32Array }[]): number =>
  found.reduce((sum, { documents }) => sum + documents.length, 0);
