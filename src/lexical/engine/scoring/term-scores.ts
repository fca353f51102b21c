import { BM25 } from '../bm25.js';
import { worth, type Formula } from '../formula.js';
import type { HeldSegment, Totals } from '../held/held-segment.js';
import type { Level } from '../level.js';
import { ordinalOf, type TermUnits } from '../held/term-units.js';

/** Adds what a term is worth to all units of a segment that hold it. */
export function addTerm(units: TermUnits, held: HeldSegment, formula: Formula, scores: Float64Array): void {
  const { packed, from, to } = units;
  const first = held.base(formula.level);
  const lengths = held.lengths(formula.level);
  for (let at = from; at < to; at++) {
    const unit = packed[at]!;
    const ordinal = ordinalOf(unit);
    scores[first + ordinal]! += worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
  }
}

/** The same for units of documents that are marked by 1. */
export function addTermToMarked(
  units: TermUnits,
  held: HeldSegment,
  marks: Uint8Array,
  formula: Formula,
  scores: Float64Array,
  touched: number[],
): void {
  const { packed, from, to } = units;
  const first = held.base(formula.level);
  const lengths = held.lengths(formula.level);
  const documentOf = formula.level === 'chunk' ? held.documentOfChunk : undefined;
  for (let at = from; at < to; at++) {
    const unit = packed[at]!;
    const ordinal = ordinalOf(unit);
    if (marks[documentOf ? documentOf[ordinal]! : ordinal] !== 1) continue;
    if (scores[first + ordinal] === 0) touched.push(first + ordinal);
    scores[first + ordinal]! += worth(formula, units.frequencyOf(unit), lengths[ordinal]!);
  }
}

export function formulaOf(totals: Totals, level: Level, weight: number): Formula {
  const { k1, b } = BM25[level];
  return { level, factor: weight * (k1 + 1), constant: k1 * (1 - b), slope: slopeOf(totals, level) };
}

/** k1 × b over the average length of a unit. */
export function slopeOf(totals: Totals, level: Level): number {
  const { k1, b, titleWeight, headingWeight } = BM25[level];
  const total = level === 'document' ? totals.documents : totals.chunks;
  const length =
    level === 'document'
      ? totals.bodyLength + titleWeight * totals.titleLength
      : totals.bodyLength + headingWeight * totals.headingLength + titleWeight * totals.titleLengthByChunk;
  return length > 0 ? (k1 * b * total) / length : 0;
}
