import { BM25, PAIRING } from '../bm25.js';
import type { HeldSegment } from '../held/held-segment.js';
import { PAIRS } from '../segment/pairs.js';
import type { Level } from '../level.js';
import type { Segment } from '../segment/segment.js';

/** Pairs of one text that are looked at: of a book, the beginning. */
const MOST_PAIRS = 65_536;
const MOST_KINDS = 255;
const FILTER = 1 << 12;

/** A document, or with `chunk` a passage, of a segment. */
export interface PairUnit {
  held: HeldSegment;
  document: number;
  chunk?: number | undefined;
}

/** Adds to BM25 what neighbouring words of the query are worth where they are neighbours in the text too. */
export class PairScorer {
  /** Which of the query's pairs a number is, counted from 1. */
  private readonly kinds = new Uint8Array(PAIRS);
  /** 1 for the lowest bits of these numbers: small enough to stay near the processor, and right to say no most of the time. */
  private readonly mayBe = new Uint8Array(FILTER);
  private readonly counts = new Uint32Array(MOST_KINDS + 1);
  private numbers: number[] = [];
  private weights: number[] = [];

  /** `weights`: by the pair's number, the inverse frequency of its rarer word. */
  begin(weights: ReadonlyMap<number, number>): void {
    for (const number of this.numbers) this.kinds[number] = this.mayBe[number % FILTER] = 0;
    this.numbers = [...weights.keys()].slice(0, MOST_KINDS);
    this.weights = this.numbers.map((number) => weights.get(number)!);
    this.numbers.forEach((number, i) => {
      this.kinds[number] = i + 1;
      this.mayBe[number % FILTER] = 1;
    });
  }

  /** Whether the query has any pair. */
  get isEmpty(): boolean {
    return this.numbers.length === 0;
  }

  /** `slope`: k1 × b over the average length, as BM25 has it. */
  score(unit: PairUnit, level: Level, slope: number): number {
    this.count(unit);
    const { k1, b } = BM25[level];
    const length =
      unit.chunk === undefined
        ? unit.held.documentLength[unit.document]!
        : unit.held.chunkLength[unit.chunk]!;
    const norm = k1 * (1 - b) + slope * length;
    let score = 0;
    for (let kind = 1; kind <= this.numbers.length; kind++) {
      const count = this.counts[kind]!;
      if (count > 0) score += (PAIRING.weight * this.weights[kind - 1]! * count * (k1 + 1)) / (count + norm);
    }
    return score;
  }

  /** Whether all of these numbers of the query's occur in what was counted last. */
  counted(numbers: readonly number[]): boolean {
    return numbers.every((number) => this.counts[this.kinds[number]!]! > 0 && this.kinds[number] !== 0);
  }

  inTitle({ segment }: HeldSegment, document: number, number: number): boolean {
    const first = segment.firstPair[document]!;
    return occurs(segment.pairs, first, first + segment.titlePairs(document), number);
  }

  inName({ segment }: HeldSegment, document: number, number: number): boolean {
    const first = segment.firstPair[document]!;
    const from = first + segment.titlePairs(document);
    return occurs(segment.pairs, from, first + segment.headPairs(document), number);
  }

  /** In the text of a passage of this document. */
  inBody({ segment }: HeldSegment, document: number, chunk: number, number: number): boolean {
    const from = firstOf(segment, document, chunk);
    return occurs(segment.pairs, from, from + Math.max(0, segment.bodyLength[chunk]! - 1), number);
  }

  count({ held: { segment }, document, chunk }: PairUnit): void {
    const { counts } = this;
    counts.fill(0, 0, this.numbers.length + 1);
    const first = segment.firstPair[document]!;
    if (chunk === undefined) return this.countIn(segment.pairs, first, segment.firstPair[document + 1]!);
    this.countIn(segment.pairs, first, first + segment.headPairs(document));
    const at = firstOf(segment, document, chunk);
    this.countIn(segment.pairs, at, at + Math.max(0, segment.bodyLength[chunk]! - 1));
  }

  private countIn(pairs: Uint16Array, from: number, to: number): void {
    const { mayBe, kinds, counts } = this;
    const end = Math.min(to, from + MOST_PAIRS);
    for (let at = from; at < end; at++) {
      const number = pairs[at]!;
      if (mayBe[number % FILTER] !== 0 && kinds[number] !== 0) counts[kinds[number]!]!++;
    }
  }
}

/** Where the pairs of a passage's text begin. */
function firstOf(segment: Segment, document: number, chunk: number): number {
  let at = segment.firstPair[document]! + segment.headPairs(document);
  for (let before = segment.firstChunk[document]!; before < chunk; before++)
    at += Math.max(0, segment.bodyLength[before]! - 1);
  return at;
}

function occurs(pairs: Uint16Array, from: number, to: number, number: number): boolean {
  return pairs.subarray(from, to).includes(number);
}
