import type { ExactPhrase } from '../../analyser/query.js';
import type { HeldSegment } from '../held/held-segment.js';
import type { PairScorer, PairUnit } from './pair-scorer.js';
import { pairNumber } from '../segment/pairs.js';
import type { Scorer, Standing } from './scorer.js';
import type { Level } from '../level.js';

/** An identifier that is everywhere tells nothing apart; in at most one unit in this many it names something. */
const RARE = 200;
/** Or in so few, however small the index is. */
const FEW = 5;
/** Passages that are named for one pair. */
const MOST_GROUNDS = 4;

/** Terms that stand side by side, with the numbers of their pairs. */
interface Sequence {
  terms: readonly string[];
  numbers: number[];
}

interface Phrase {
  sequences: Sequence[];
  /** Units that hold the single term of an alternative. */
  units: Set<number>;
}

/** Passages that seem to hold a pair in their text: one of them has it, but for chance. Of the segment of their document. */
export interface PairGround {
  pair: readonly [string, string];
  passages: number[];
}

export interface HeldPhrases {
  counts: Uint8Array;
  /** Of each place that holds a phrase by what stands in passages: a list for each such phrase. */
  grounds: ReadonlyMap<number, readonly PairGround[][]>;
}

/** What may hold a phrase: a document or passage, and its number in the whole index. */
export interface PhrasePlace extends PairUnit {
  unit: number;
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

  /** How many of the phrases each of these places holds, in their order, and on what grounds. */
  heldBy(places: readonly PhrasePlace[]): HeldPhrases {
    const counts = new Uint8Array(places.length);
    const grounds = new Map<number, PairGround[][]>();
    const possible: { at: number; sequences: Sequence[] }[] = [];
    places.forEach((place, at) => {
      const open = this.phrases.filter(({ units, sequences }) => {
        if (units.has(place.unit)) counts[at]!++;
        return !units.has(place.unit) && sequences.length > 0;
      });
      if (open.length === 0) return;
      this.pairs.count(place);
      for (const phrase of open) {
        const sequences = phrase.sequences.filter(({ numbers }) => this.pairs.counted(numbers));
        if (sequences.length > 0) possible.push({ at, sequences });
      }
    });
    // A number stands for many pairs of words: it counts where the words are, too.
    const wanted = documentsOf(possible.map(({ at }) => places[at]!));
    const standing = new Map<string, Standing>();
    const standingOf = (term: string): Standing => {
      let known = standing.get(term);
      if (known === undefined) standing.set(term, (known = this.scorer.standing(term, wanted)));
      return known;
    };
    for (const { at, sequences } of possible)
      for (const sequence of sequences) {
        const found = this.groundsOf(places[at]!, sequence, standingOf);
        if (found === undefined) continue;
        counts[at]!++;
        if (found.length > 0) grounds.set(at, [...(grounds.get(at) ?? []), found]);
        break;
      }
    return { counts, grounds };
  }

  /** Where each pair stands in a text that has both of its words; undefined where one does not. */
  private groundsOf(
    { held, document, chunk }: PhrasePlace,
    { terms, numbers }: Sequence,
    standingOf: (term: string) => Standing,
  ): PairGround[] | undefined {
    const own = held.documentBase + document;
    const [first, end] =
      chunk === undefined
        ? [held.segment.firstChunk[document]!, held.segment.firstChunk[document + 1]!]
        : [chunk, chunk + 1];
    // The words that a name is looked up by are not all that its pairs are of: its ending is not.
    const isCalled = terms.some((term) => standingOf(term).names.has(own));
    const grounds: PairGround[] = [];
    for (const [i, number] of numbers.entries()) {
      const [a, b] = [standingOf(terms[i]!), standingOf(terms[i + 1]!)];
      if (isCalled && this.pairs.inName(held, document, number)) continue;
      if (a.titles.has(own) && b.titles.has(own) && this.pairs.inTitle(held, document, number)) continue;
      const passages: number[] = [];
      for (let passage = first; passage < end && passages.length < MOST_GROUNDS; passage++)
        if (
          a.bodies.has(held.chunkBase + passage) &&
          b.bodies.has(held.chunkBase + passage) &&
          this.pairs.inBody(held, document, passage, number)
        )
          passages.push(passage);
      if (passages.length === 0) return undefined;
      grounds.push({ pair: [terms[i]!, terms[i + 1]!], passages });
    }
    return grounds;
  }

  private prepare({ kind, alternatives }: ExactPhrase): Phrase | undefined {
    const phrase: Phrase = { sequences: [], units: new Set() };
    for (const terms of alternatives) {
      if (kind === 'identifier' && !this.isRare(terms)) continue;
      if (terms.length === 1) for (const unit of this.unitsWith(terms[0]!)) phrase.units.add(unit);
      else
        phrase.sequences.push({
          terms,
          numbers: terms.slice(1).map((term, i) => pairNumber(terms[i]!, term)),
        });
    }
    return phrase.sequences.length + phrase.units.size > 0 ? phrase : undefined;
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

  private unitsWith(term: string): Set<number> {
    return this.scorer.unitsWith(term, this.level);
  }
}

/** The documents of these places, marked by 1 in their segments. */
function documentsOf(places: readonly PairUnit[]): Map<HeldSegment, Uint8Array> {
  const marked = new Map<HeldSegment, Uint8Array>();
  for (const { held, document } of places) {
    let marks = marked.get(held);
    if (marks === undefined) marked.set(held, (marks = new Uint8Array(held.segment.documents)));
    marks[document] = 1;
  }
  return marked;
}
