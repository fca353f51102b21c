import { compareUuids } from '../../../common/search/uuid-bytes.js';

/** Indexes of `count` UUIDs in the order of their bytes. */
export function uuidOrder(uuids: Uint8Array, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => compareUuids(uuids, a, uuids, b));
}

/** First place in `order` whose UUID is not below the wanted one. */
export function uuidLowerBound(uuids: Uint8Array, order: Uint32Array, wanted: Uint8Array): number {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUuids(uuids, order[middle]!, wanted, 0) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Bytes that grow while they are written. */
export class ByteWriter {
  private bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1024) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Seven bits a byte, low ones first; for numbers below 2^32. */
  varint(value: number): void {
    this.reserve(5);
    while (value > 0x7f) {
      this.bytes[this.length++] = (value & 0x7f) | 0x80;
      value >>>= 7;
    }
    this.bytes[this.length++] = value;
  }

  append(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.written());
    this.bytes = grown;
  }
}
