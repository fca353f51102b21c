import { worth, type Formula } from '../formula.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { Level } from '../level.js';
import type { SearchIndex } from '../held/search-index.js';
import type { TermBounds } from '../held/term-bounds.js';
import type { TermLists } from './term-lists.js';
import { ordinalOf, type TermUnits } from '../held/term-units.js';
import type { TopUnits } from './top-units.js';
import { scoreWanted, type NameScore, type ScoringTerm } from './unit-scorer.js';
import { allowedIn, type Scope } from './units.js';
import { Wanted } from '../segment/wanted.js';

/** A term with what it can add to a unit of each segment. */
export interface BoundedTerm extends ScoringTerm {
  bounds: readonly TermBounds[];
}

/** A term in one segment. */
interface Step {
  term: ScoringTerm;
  most: number;
  /** The most that it and all after it can add. */
  rest: number;
}

/** Scores are added in another order here than in the end: far more than that changes. */
const MARGIN = 1 - 1e-9;
/** Where a list is at most so many times as long as what is looked up in it, reading it is quicker. */
const DENSE = 6;
/** So many more than are wanted come together before the best of them are looked for. */
const MORE = 1.25;

/**
 * Finds the best units without reading all lists. In each segment, terms that can add most come first. As soon as the
 * others together cannot lift a unit to the lowest of the best so far, no unit comes in for their sake: only those that
 * are in are looked up, as long as they can still be among the best. What is left is scored as everything else is.
 */
export class BestUnits {
  /** What the terms so far have added, by unit of the segment; all zero between segments. */
  private scores = new Float64Array(0);
  /** A bit for each unit with a score; all zero between segments. */
  private bits = new Uint32Array(0);
  private room = new Uint32Array(0);

  constructor(
    private readonly index: SearchIndex,
    private readonly lists: TermLists,
  ) {}

  /** Offers all units in scope that can be among the best of `top`, with their scores. */
  find(
    terms: readonly BoundedTerm[],
    names: readonly NameScore[],
    level: Level,
    scope: Scope,
    top: TopUnits,
  ): void {
    for (const held of this.index.segments) {
      const here = namesIn(names, held);
      const steps = stepsIn(terms, held);
      if (steps.length + here.length === 0) continue;
      const admits = admission(held, level, scope);
      if (admits === undefined) continue;
      this.reserve(held.units(level));
      this.lists.release();
      for (const { documents, value } of here) this.admitNamed(held, documents, value, level, admits);
      const found = this.candidates(held, level, steps, top.least * MARGIN, admits);
      this.forget(held.units(level));
      const scores = scoreWanted(this.lists, terms, names, held, level, found);
      const first = held.base(level);
      for (let i = 0; i < found.count; i++)
        if (scores[i]! >= top.least) top.take(first + found.units[i]!, scores[i]!);
      if (top.count > top.size * MORE) top.end();
    }
  }

  /** Units that may have a score of `least`. */
  private candidates(
    held: HeldSegment,
    level: Level,
    steps: readonly Step[],
    least: number,
    admits: Admission,
  ): Wanted {
    let wanted: Wanted | undefined;
    for (const { term, rest } of steps) {
      if (wanted === undefined && rest >= least) {
        this.admit(held, this.lists.of(held, term.listed), term, admits);
        continue;
      }
      wanted ??= this.touched(held, level);
      this.narrow(wanted, least - rest);
      if (wanted.count === 0) return wanted;
      this.complete(held, this.lists.of(held, term.listed, wanted), term, wanted);
    }
    wanted ??= this.touched(held, level);
    this.narrow(wanted, least);
    return wanted;
  }

  /** Adds what a term is worth to all units in scope. */
  private admit(held: HeldSegment, units: TermUnits, { formula }: ScoringTerm, admits: Admission): void {
    const { scores, bits } = this;
    const { packed, from, to } = units;
    const lengths = held.lengths(formula.level);
    const isAdmitted = admits === 'all' ? undefined : admits;
    for (let at = from; at < to; at++) {
      const unit = packed[at]!;
      const ordinal = ordinalOf(unit);
      if (isAdmitted !== undefined && !isAdmitted(ordinal)) continue;
      bits[ordinal >>> 5]! |= 1 << (ordinal & 31);
      scores[ordinal]! += worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
    }
  }

  private admitNamed(
    held: HeldSegment,
    documents: Uint32Array,
    value: number,
    level: Level,
    admits: Admission,
  ): void {
    const { firstChunk } = held.segment;
    for (const document of documents) {
      const first = level === 'document' ? document : firstChunk[document]!;
      const end = level === 'document' ? document + 1 : firstChunk[document + 1]!;
      for (let ordinal = first; ordinal < end; ordinal++) {
        if (admits !== 'all' && !admits(ordinal)) continue;
        this.bits[ordinal >>> 5]! |= 1 << (ordinal & 31);
        this.scores[ordinal]! += value;
      }
    }
  }

  /** Adds what a term is worth to those that are in. */
  private complete(held: HeldSegment, units: TermUnits, { formula }: ScoringTerm, wanted: Wanted): void {
    const lengths = held.lengths(formula.level);
    if (units.count < wanted.count * DENSE) return this.completeAll(units, lengths, formula);
    let at = units.from;
    for (let i = 0; i < wanted.count; i++) {
      const ordinal = wanted.units[i]!;
      at = units.lowerBound(ordinal, at);
      if (at === units.to) return;
      const unit = units.packed[at]!;
      if (ordinalOf(unit) === ordinal)
        this.scores[ordinal]! += worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
    }
  }

  /** The same for those that are out already, too: nothing is searched. */
  private completeAll(units: TermUnits, lengths: Float32Array, formula: Formula): void {
    const { scores } = this;
    const { packed, from, to } = units;
    for (let at = from; at < to; at++) {
      const unit = packed[at]!;
      const ordinal = ordinalOf(unit);
      const score = scores[ordinal]!;
      if (score > 0) scores[ordinal] = score + worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
    }
  }

  /** All with a score so far. */
  private touched(held: HeldSegment, level: Level): Wanted {
    const wanted = new Wanted(this.room, level === 'document' ? held.segment.firstChunk : undefined);
    const { bits } = this;
    const words = wordsOf(held.units(level));
    let count = 0;
    for (let word = 0; word < words; word++)
      for (let rest = bits[word]!; rest !== 0; rest &= rest - 1)
        wanted.units[count++] = (word << 5) + lowest(rest);
    wanted.count = count;
    return wanted;
  }

  private narrow(wanted: Wanted, least: number): void {
    const { scores } = this;
    const { units } = wanted;
    let kept = 0;
    for (let i = 0; i < wanted.count; i++) {
      const ordinal = units[i]!;
      if (scores[ordinal]! >= least) units[kept++] = ordinal;
    }
    wanted.count = kept;
  }

  private reserve(units: number): void {
    if (units <= this.scores.length) return;
    this.scores = new Float64Array(units * 2);
    this.room = new Uint32Array(units * 2);
    this.bits = new Uint32Array(wordsOf(units * 2));
  }

  private forget(units: number): void {
    this.scores.fill(0, 0, units);
    this.bits.fill(0, 0, wordsOf(units));
  }
}

type Admission = 'all' | ((ordinal: number) => boolean);

/** Which units of a segment are in scope, if any are. */
function admission(held: HeldSegment, level: Level, scope: Scope): Admission | undefined {
  const { documents } = scope;
  const allowed = allowedIn(held, scope);
  if (!allowed.includes(1)) return undefined;
  if (documents === undefined && !allowed.includes(0)) return 'all';
  const { documentCollection } = held.segment;
  return (ordinal) => {
    const document = level === 'document' ? ordinal : held.documentOfChunk[ordinal]!;
    if (allowed[documentCollection[document]!] !== 1) return false;
    return documents === undefined || documents.has(held.documentBase + document);
  };
}

/** Terms that some unit of a segment holds, those first that can add most. */
function stepsIn(terms: readonly BoundedTerm[], { place }: HeldSegment): Step[] {
  const steps: Step[] = [];
  for (const term of terms) {
    const most = term.bounds[place]!.most(term.formula);
    if (most > 0) steps.push({ term, most, rest: 0 });
  }
  steps.sort((a, b) => b.most - a.most);
  let rest = 0;
  for (let i = steps.length - 1; i >= 0; i--) steps[i]!.rest = rest += steps[i]!.most;
  return steps;
}

function namesIn(
  names: readonly NameScore[],
  held: HeldSegment,
): { documents: Uint32Array; value: number }[] {
  return names.flatMap(({ found, value }) => {
    const documents = found.get(held);
    return documents ? [{ documents, value }] : [];
  });
}

const wordsOf = (units: number): number => (units + 31) >>> 5;

/** The number of the lowest bit that is set. */
const lowest = (bits: number): number => 31 - Math.clz32(bits & -bits);
