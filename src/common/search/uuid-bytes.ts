export const UUID_BYTES = 16;

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const TEXT_LENGTH = 36;
const DASH = '-'.charCodeAt(0);
/** Value of a hexadecimal digit by its character code. */
const NIBBLES: (number | undefined)[] = Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/i.test(String.fromCharCode(code)) ? Number.parseInt(String.fromCharCode(code), 16) : undefined,
);

/** The 16 bytes of a UUID; `undefined` for anything else, which then simply matches nothing. */
export function uuidBytes(uuid: string): Uint8Array | undefined {
  const bytes = new Uint8Array(UUID_BYTES);
  return readUuid(uuid, bytes) ? bytes : undefined;
}

/** As `uuidBytes`, into memory that is used again; false for what is no UUID. */
export function readUuid(uuid: string, into: Uint8Array): boolean {
  if (uuid.length !== TEXT_LENGTH) return false;
  for (let at = 0, i = 0; at < TEXT_LENGTH;) {
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (uuid.charCodeAt(at++) !== DASH) return false;
      continue;
    }
    const high = NIBBLES[uuid.charCodeAt(at++)];
    const low = NIBBLES[uuid.charCodeAt(at++)];
    if (high === undefined || low === undefined) return false;
    into[i++] = (high << 4) | low;
  }
  return true;
}

/** Lower case, so that the order of the texts is the order of the bytes. */
export function uuidAt(bytes: Uint8Array, index: number): string {
  write(one, 0, bytes, index * UUID_BYTES);
  return one.toString('latin1');
}

/**
 * Every `stride`-th UUID from `first` on. Much cheaper than one by one: all are parts of one text, which stays in memory
 * as long as any of them.
 */
export function uuidTexts(bytes: Uint8Array, stride = 1, first = 0): string[] {
  const count = Math.max(0, Math.ceil((bytes.length / UUID_BYTES - first) / stride));
  const joined = Buffer.allocUnsafe(count * TEXT_LENGTH);
  for (let i = 0; i < count; i++) write(joined, i * TEXT_LENGTH, bytes, (first + i * stride) * UUID_BYTES);
  return splitUuids(joined.toString('latin1'));
}

/** UUIDs as one text; what is none is left out. */
export const joinUuids = (uuids: readonly string[]): string =>
  uuids.filter((uuid) => uuid.length === TEXT_LENGTH).join('');

/** The parts of what `joinUuids` made. */
export const splitUuids = (joined: string): string[] =>
  Array.from({ length: joined.length / TEXT_LENGTH }, (_, i) =>
    joined.slice(i * TEXT_LENGTH, (i + 1) * TEXT_LENGTH),
  );

const one = Buffer.alloc(TEXT_LENGTH);

function write(out: Uint8Array, to: number, bytes: Uint8Array, from: number): void {
  for (let i = 0, at = to; i < UUID_BYTES; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) out[at++] = DASH;
    const byte = bytes[from + i]!;
    out[at++] = DIGITS[byte >> 4]!;
    out[at++] = DIGITS[byte & 15]!;
  }
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
