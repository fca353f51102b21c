import type { Formula } from '../formula.js';
import { ordinalOf, type TermUnits } from './term-units.js';

/** Far more than rounding can add. */
const MARGIN = 1 + 1e-9;

/** What a term can add to units of one segment. */
export class TermBounds {
  constructor(
    /** Live units that hold it. */
    readonly count: number,
    /** In none of them it is more often. */
    readonly frequency: number,
    /** None of them is shorter for each time that it holds the term. */
    readonly length: number,
  ) {}

  static of(units: TermUnits, lengths: Float32Array): TermBounds {
    let frequency = 0;
    let length = Infinity;
    for (let at = units.from; at < units.to; at++) {
      const unit = units.packed[at]!;
      const times = units.frequencyOf(unit);
      const each = lengths[ordinalOf(unit)]! / times;
      if (times > frequency) frequency = times;
      if (each < length) length = each;
    }
    return new TermBounds(units.count, frequency, length);
  }

  /** No unit of the segment is worth more. */
  most({ factor, constant, slope }: Formula): number {
    if (this.count === 0) return 0;
    return (MARGIN * factor) / (1 + constant / this.frequency + slope * this.length);
  }
}
