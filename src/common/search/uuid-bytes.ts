export const UUID_BYTES = 16;

const DIGITS = Buffer.from('0123456789abcdef', 'latin1');
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const TEXT_LENGTH = 36;
const DASH = '-'.charCodeAt(0);
const NO_DIGIT = 255;
/** Value of a hexadecimal digit by its character code. */
const NIBBLES = Uint8Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/i.test(String.fromCharCode(code)) ? Number.parseInt(String.fromCharCode(code), 16) : NO_DIGIT,
);

/** The 16 bytes of a UUID; `undefined` for anything else, which then simply matches nothing. */
export function uuidBytes(uuid: string): Uint8Array | undefined {
  const bytes = new Uint8Array(UUID_BYTES);
  return readUuid(uuid, bytes) ? bytes : undefined;
}

/** As `uuidBytes`, into memory that is used again; false for what is no UUID. */
export const readUuid = (uuid: string, into: Uint8Array): boolean =>
  uuid.length === TEXT_LENGTH && readUuidAt(uuid, 0, into);

/** As `readUuid`, of one of the UUIDs that `joinUuids` made one text of. */
export const readJoinedUuid = (joined: string, index: number, into: Uint8Array): boolean =>
  readUuidAt(joined, index * TEXT_LENGTH, into);

function readUuidAt(text: string, start: number, into: Uint8Array): boolean {
  for (let i = 0, at = start; i < UUID_BYTES; i++, at += 2) {
    if ((i === 4 || i === 6 || i === 8 || i === 10) && text.charCodeAt(at++) !== DASH) return false;
    const high = nibble(text.charCodeAt(at));
    const low = nibble(text.charCodeAt(at + 1));
    if (high === NO_DIGIT || low === NO_DIGIT) return false;
    into[i] = (high << 4) | low;
  }
  return true;
}

/** Also of a place behind the end, where there is no digit. */
const nibble = (code: number): number => (code < NIBBLES.length ? NIBBLES[code]! : NO_DIGIT);

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
  const length = count * TEXT_LENGTH;
  const joined = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
  for (let i = 0; i < count; i++) write(joined, i * TEXT_LENGTH, bytes, (first + i * stride) * UUID_BYTES);
  return splitUuids(joined.toString('latin1', 0, length));
}

const NONE = ' '.repeat(TEXT_LENGTH);

/** UUIDs as one text, each in its place; what is none is blank in it. */
export const joinUuids = (uuids: readonly string[]): string =>
  uuids.map((uuid) => (uuid.length === TEXT_LENGTH ? uuid : NONE)).join('');

export const joinedCount = (joined: string): number => joined.length / TEXT_LENGTH;

/** The parts of what `joinUuids` made. */
export function splitUuids(joined: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < joined.length; at += TEXT_LENGTH) parts.push(joined.slice(at, at + TEXT_LENGTH));
  return parts;
}

const one = Buffer.alloc(TEXT_LENGTH);
/** For as many as a query finds: memory outside of the heap costs more to make than to fill. */
const scratch = Buffer.alloc(1024 * TEXT_LENGTH);

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
