import type { Level } from '../level.js';
import type { PostingList, PostingMarks } from '../segment/posting-reader.js';
import { TermBounds } from './term-bounds.js';

/** Numbers of a term: for each level those of `TermBounds`, then where its marks begin, how many postings, their end. */
const NUMBERS = 9;
const BOUNDS = { document: 0, chunk: 3 };
const MARKS = 6;
const UNKNOWN = -1;

/**
 * What was found out about the terms of one segment whose lists are long, when they were read: where to enter them, and
 * what they can add. About a twentieth of these lists, so it stays; in flat arrays, since objects would take several times
 * as much.
 */
export class LongTerms {
  private readonly slots = new Map<string, number>();
  private numbers = new Float64Array(0);
  private starts = new Uint32Array(0);
  private lasts = new Uint32Array(0);
  private used = 0;

  /** Undefined, too, when a document has died since: how many live units hold the term is unknown then. */
  bounds(term: string, level: Level): TermBounds | undefined {
    const slot = this.slots.get(term);
    if (slot === undefined) return undefined;
    const at = slot * NUMBERS + BOUNDS[level];
    const count = this.numbers[at]!;
    if (count === UNKNOWN) return undefined;
    return new TermBounds(count, this.numbers[at + 1]!, this.numbers[at + 2]!);
  }

  marks(term: string): PostingMarks | undefined {
    const slot = this.slots.get(term);
    if (slot === undefined) return undefined;
    const { starts, lasts, numbers } = this;
    const at = slot * NUMBERS + MARKS;
    return { starts, lasts, from: numbers[at]!, count: numbers[at + 1]!, end: numbers[at + 2]! };
  }

  /** @param bodies the passages that hold it in their text, dead ones included, as they were read in full */
  add(term: string, level: Level, { count, frequency, length }: TermBounds, bodies: PostingList): void {
    const slot = this.slots.get(term) ?? this.addMarks(term, bodies);
    this.numbers.set([count, frequency, length], slot * NUMBERS + BOUNDS[level]);
  }

  private addMarks(term: string, { starts, lasts, blocks, count, end }: PostingList): number {
    const slot = this.slots.size;
    this.slots.set(term, slot);
    this.numbers = grown(this.numbers, (slot + 1) * NUMBERS);
    this.starts = grown(this.starts, this.used + blocks);
    this.lasts = grown(this.lasts, this.used + blocks);
    this.numbers.fill(UNKNOWN, slot * NUMBERS, slot * NUMBERS + MARKS);
    this.numbers.set([this.used, count, end], slot * NUMBERS + MARKS);
    this.starts.set(starts.subarray(0, blocks), this.used);
    this.lasts.set(lasts.subarray(0, blocks), this.used);
    this.used += blocks;
    return slot;
  }

  /** A document has died: nothing else becomes wrong. */
  forgetCounts(): void {
    for (let at = 0; at < this.slots.size * NUMBERS; at += NUMBERS)
      this.numbers[at + BOUNDS.document] = this.numbers[at + BOUNDS.chunk] = UNKNOWN;
  }
}

/** The same with room for so many numbers. */
function grown<T extends Float64Array | Uint32Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(Math.ceil(length * 1.5));
  larger.set(array);
  return larger;
}
