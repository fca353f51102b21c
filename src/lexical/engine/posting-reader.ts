import type { Segment } from './segment.js';

/** Ascending ordinals with frequencies; arrays that are used again and may be longer than what is in them. */
export class PostingList {
  ordinals = new Uint32Array(1024);
  frequencies = new Uint32Array(1024);
  count = 0;

  reserve(count: number): void {
    if (count <= this.ordinals.length) return;
    this.ordinals = new Uint32Array(count * 2);
    this.frequencies = new Uint32Array(count * 2);
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
    const { bytes } = this;
    let at = this.at;
    let count = bytes[at++]!;
    if (count >= 0x80) {
      count &= 0x7f;
      for (let shift = 7, more = true; more; shift += 7) {
        const byte = bytes[at++]!;
        count |= (byte & 0x7f) << shift;
        more = byte >= 0x80;
      }
    }
    list.count = count;
    list.reserve(count);
    const { ordinals, frequencies } = list;
    let ordinal = 0;
    for (let i = 0; i < count; i++) {
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
    this.at = at;
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
