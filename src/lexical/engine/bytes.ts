export const UUID_BYTES = 16;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The 16 bytes of a UUID; `undefined` for anything else, which then simply matches nothing. */
export function uuidBytes(uuid: string): Uint8Array | undefined {
  return UUID.test(uuid) ? Buffer.from(uuid.replaceAll('-', ''), 'hex') : undefined;
}

/** Lower case, so that the order of the texts is the order of the bytes. */
export function uuidAt(bytes: Uint8Array, index: number): string {
  let out = '';
  for (let i = 0; i < UUID_BYTES; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) out += '-';
    out += HEX[bytes[index * UUID_BYTES + i]!]!;
  }
  return out;
}

export function compareUuids(a: Uint8Array, aIndex: number, b: Uint8Array, bIndex: number): number {
  const aStart = aIndex * UUID_BYTES;
  const bStart = bIndex * UUID_BYTES;
  for (let i = 0; i < UUID_BYTES; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}

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
