import { worth, type Formula } from '../formula.js';
import type { HeldSegment, Totals } from '../held/held-segment.js';
import type { Level } from '../level.js';
import type { QueryTerm } from './query-term.js';
import type { SearchIndex } from '../held/search-index.js';
import { listedTerm, type ListedTerm, type TermLists } from './term-lists.js';
import { formulaOf } from './term-scores.js';
import { ordinalOf, type TermUnits } from '../held/term-units.js';
import { Wanted } from '../segment/wanted.js';

/** A term that some live unit holds. */
export interface ScoringTerm {
  listed: ListedTerm;
  formula: Formula;
}

/** Documents that are called by a word of the query, ascending, and what that is worth. */
export interface NameScore {
  found: ReadonlyMap<HeldSegment, Uint32Array>;
  value: number;
}

/** The terms that some live unit holds, as they weigh. */
export const scoringTerms = (
  totals: Totals,
  terms: readonly QueryTerm[],
  idf: readonly number[],
  level: Level,
): ScoringTerm[] =>
  terms.flatMap(({ term, bytes, weight }, i) =>
    idf[i]! > 0
      ? [{ listed: listedTerm(term, bytes, level), formula: formulaOf(totals, level, weight * idf[i]!) }]
      : [],
  );

/** Scores units of the whole index, which are ascending. */
export function scoreUnits(
  { segments }: SearchIndex,
  lists: TermLists,
  terms: readonly ScoringTerm[],
  names: readonly NameScore[],
  level: Level,
  units: Uint32Array,
): Float64Array {
  const scores = new Float64Array(units.length);
  let at = 0;
  for (const held of segments) {
    const base = held.base(level);
    const end = base + held.units(level);
    const from = at;
    while (at < units.length && units[at]! < end) at++;
    if (at === from) continue;
    const ordinals = units.subarray(from, at).map((unit) => unit - base);
    const wanted = new Wanted(ordinals, level === 'document' ? held.segment.firstChunk : undefined);
    wanted.count = ordinals.length;
    lists.release();
    scores.set(scoreWanted(lists, terms, names, held, level, wanted), from);
  }
  return scores;
}

/** Scores units of a segment to the last bit as if all were scored: it adds in the same order. */
export function scoreWanted(
  lists: TermLists,
  terms: readonly ScoringTerm[],
  names: readonly NameScore[],
  held: HeldSegment,
  level: Level,
  wanted: Wanted,
): Float64Array {
  const scores = new Float64Array(wanted.count);
  if (wanted.count === 0) return scores;
  for (const { listed, formula } of terms)
    addTerm(lists.of(held, listed, wanted), held, wanted, formula, scores);
  for (const { found, value } of names) {
    const documents = found.get(held);
    if (documents) addName(documents, value, held, level, wanted, scores);
  }
  return scores;
}

function addTerm(
  units: TermUnits,
  held: HeldSegment,
  wanted: Wanted,
  formula: Formula,
  scores: Float64Array,
): void {
  const lengths = held.lengths(formula.level);
  let at = units.from;
  for (let i = 0; i < wanted.count; i++) {
    const ordinal = wanted.units[i]!;
    at = units.lowerBound(ordinal, at);
    if (at === units.to) return;
    const unit = units.packed[at]!;
    if (ordinalOf(unit) === ordinal) scores[i]! += worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
  }
}

function addName(
  documents: Uint32Array,
  value: number,
  held: HeldSegment,
  level: Level,
  wanted: Wanted,
  scores: Float64Array,
): void {
  let next = 0;
  for (let i = 0; i < wanted.count; i++) {
    const unit = wanted.units[i]!;
    const document = level === 'document' ? unit : held.documentOfChunk[unit]!;
    while (next < documents.length && documents[next]! < document) next++;
    if (documents[next] === document) scores[i]! += value;
  }
}
