import type { ExactPhrase } from '../analyser/query.js';
import type { PairScorer, PairUnit } from './pair-scorer.js';
import { pairNumber } from './pairs.js';
import type { Level, Scorer } from './scorer.js';

/** An identifier that is everywhere tells nothing apart; in at most one unit in this many it names something. */
const RARE = 200;
/** Or in so few, however small the index is. */
const FEW = 5;

interface Phrase {
  /** Pairs that all occur where one of the alternatives does. */
  pairs: number[][];
  /** Units that hold the single term of an alternative. */
  units: Set<number>;
}

/** Tells which of a query's phrases a document or passage holds word for word. */
export class ExactPhrases {
  private readonly phrases: Phrase[];

  constructor(
    exact: readonly ExactPhrase[],
    private readonly scorer: Scorer,
    private readonly pairs: PairScorer,
    private readonly level: Level,
  ) {
    this.phrases = exact.flatMap((phrase) => this.prepare(phrase) ?? []);
  }

  /** How many of them. */
  heldBy(place: PairUnit, unit: number): number {
    let count = 0;
    for (const { pairs, units } of this.phrases)
      if (units.has(unit) || pairs.some((numbers) => this.pairs.holdsAll(place, numbers))) count++;
    return count;
  }

  private prepare({ kind, alternatives }: ExactPhrase): Phrase | undefined {
    const phrase: Phrase = { pairs: [], units: new Set() };
    for (const terms of alternatives) {
      if (kind === 'identifier' && !this.isRare(terms)) continue;
      if (terms.length === 1) for (const unit of this.unitsWith(terms[0]!)) phrase.units.add(unit);
      else phrase.pairs.push(terms.slice(1).map((term, i) => pairNumber(terms[i]!, term)));
    }
    return phrase.pairs.length + phrase.units.size > 0 ? phrase : undefined;
  }

  private isRare(terms: readonly string[]): boolean {
    return terms.some((term) => {
      const { texts, names } = this.scorer.holding(term, this.level);
      return (
        texts + names > 0 &&
        (texts <= FEW || texts * RARE <= this.scorer.units(this.level)) &&
        (names <= FEW || names * RARE <= this.scorer.units('document'))
      );
    });
  }

  private unitsWith(term: string): Uint32Array {
    return this.scorer.unitsWith(term, this.level);
  }
}
