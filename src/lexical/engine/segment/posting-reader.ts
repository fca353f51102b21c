import type { Segment } from './segment.js';
import type { Wanted } from './wanted.js';

/** So many postings can be entered at their first. */
export const BLOCK = 64;

/** Where a list can be entered without reading what stands before. */
export interface PostingMarks {
  /** Of its blocks, from `from` on: the place among the bytes of the segment's postings. */
  starts: Uint32Array;
  /** In the same way, the ordinal of the last posting. */
  lasts: Uint32Array;
  from: number;
  /** Postings. */
  count: number;
  /** Where the next list begins. */
  end: number;
}

/** Ascending ordinals with frequencies; arrays that are used again and may be longer than what is in them. */
export class PostingList {
  ordinals = new Uint32Array(1024);
  frequencies = new Uint32Array(1024);
  count = 0;
  /** As `PostingMarks` has them, if the list was read in full. */
  starts = new Uint32Array(0);
  lasts = new Uint32Array(0);
  blocks = 0;
  end = 0;

  reserve(count: number): void {
    if (count > this.ordinals.length) {
      this.ordinals = new Uint32Array(count * 2);
      this.frequencies = new Uint32Array(count * 2);
    }
    const blocks = Math.ceil(count / BLOCK);
    if (blocks <= this.starts.length) return;
    this.starts = new Uint32Array(blocks * 2);
    this.lasts = new Uint32Array(blocks * 2);
  }
}

/** Decodes the four lists of one term, one after the other. */
export class PostingReader {
  private bytes = EMPTY;
  private at = 0;

  start(segment: Segment, term: number): void {
    this.bytes = segment.postings;
    this.at = segment.postingsAt(term);
  }

  next(list: PostingList): void {
    const count = this.number();
    list.reserve(count);
    list.count = list.blocks = 0;
    let last = 0;
    while (list.count < count) {
      list.starts[list.blocks] = this.at;
      last = this.block(list, Math.min(BLOCK, count - list.count), last);
      list.lasts[list.blocks++] = last;
    }
    list.end = this.at;
  }

  /** Of a list of passages only the blocks in which wanted ones may be; then the list behind it comes. */
  nextAmong(list: PostingList, segment: Segment, marks: PostingMarks, wanted: Wanted): void {
    const { starts, lasts, from, count, end } = marks;
    const to = from + Math.ceil(count / BLOCK);
    this.bytes = segment.postings;
    list.reserve(count);
    list.count = 0;
    let block = from;
    for (let i = 0; i < wanted.count && block < to; i++) {
      block = lowerBound(lasts, wanted.first(i), block, to);
      const last = wanted.last(i);
      for (; block < to; block++) {
        const before = block === from ? 0 : lasts[block - 1]!;
        if (block > from && before >= last) break;
        this.at = starts[block]!;
        this.block(list, Math.min(BLOCK, count - (block - from) * BLOCK), before);
      }
    }
    this.at = end;
  }

  /** Appends so many postings; @returns the last ordinal. */
  private block(list: PostingList, count: number, before: number): number {
    const { bytes } = this;
    const { ordinals, frequencies } = list;
    let { at } = this;
    let ordinal = before;
    const end = list.count + count;
    for (let i = list.count; i < end; i++) {
      let value = bytes[at++]!;
      if (value >= 0x80) {
        value &= 0x7f;
        for (let shift = 7, more = true; more; shift += 7) {
          const byte = bytes[at++]!;
          value |= (byte & 0x7f) << shift;
          more = byte >= 0x80;
        }
      }
      ordinal += value >>> 1;
      let frequency = 1;
      if ((value & 1) === 0) {
        frequency = bytes[at++]!;
        if (frequency >= 0x80) {
          frequency &= 0x7f;
          for (let shift = 7, more = true; more; shift += 7) {
            const byte = bytes[at++]!;
            frequency |= (byte & 0x7f) << shift;
            more = byte >= 0x80;
          }
        }
      }
      ordinals[i] = ordinal;
      frequencies[i] = frequency;
    }
    list.count = end;
    this.at = at;
    return ordinal;
  }

  private number(): number {
    const { bytes } = this;
    let value = bytes[this.at++]!;
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7, more = true; more; shift += 7) {
      const byte = bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
      more = byte >= 0x80;
    }
    return value;
  }
}

/** The first place at or after `from`, before `to`, with no lower value; cheap where that is near. */
function lowerBound(ascending: Uint32Array, wanted: number, from: number, to: number): number {
  let low = from;
  let step = 1;
  while (low + step <= to && ascending[low + step - 1]! < wanted) {
    low += step;
    step *= 2;
  }
  let high = Math.min(to, low + step - 1);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

const EMPTY: Uint8Array = new Uint8Array(0);
