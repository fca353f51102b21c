import type { Segment } from './segment.js';

/** Decodes the four lists of one term, one after the other, into arrays that it uses again. */
export class PostingReader {
  /** The list that `next()` read: as many entries as it said. */
  ordinals = new Uint32Array(1024);
  frequencies = new Uint32Array(1024);
  private bytes = EMPTY;
  private at = 0;

  start(segment: Segment, term: number): void {
    this.bytes = segment.postings;
    this.at = segment.postingsAt(term);
  }

  next(): number {
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
    if (count > this.ordinals.length) this.grow(count);
    const { ordinals, frequencies } = this;
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
    return count;
  }

  private grow(count: number): void {
    this.ordinals = new Uint32Array(count * 2);
    this.frequencies = new Uint32Array(count * 2);
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);
