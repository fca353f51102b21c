export const UUID_BYTES = 16;

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

const TEXT_LENGTH = 36;
const DASH = '-'.charCodeAt(0);
/** Value of a hexadecimal digit by its character code. */
const NIBBLES: (number | undefined)[] = Array.from({ length: 128 }, (_, code) =>
  /[0-9a-f]/i.test(String.fromCharCode(code)) ? Number.parseInt(String.fromCharCode(code), 16) : undefined,
);

/** The 16 bytes of a UUID; `undefined` for anything else, which then simply matches nothing. */
export function uuidBytes(uuid: string): Uint8Array | undefined {
  if (uuid.length !== TEXT_LENGTH) return undefined;
  const bytes = new Uint8Array(UUID_BYTES);
  for (let at = 0, i = 0; at < TEXT_LENGTH;) {
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (uuid.charCodeAt(at++) !== DASH) return undefined;
      continue;
    }
    const [high, low] = [NIBBLES[uuid.charCodeAt(at++)], NIBBLES[uuid.charCodeAt(at++)]];
    if (high === undefined || low === undefined) return undefined;
    bytes[i++] = (high << 4) | low;
  }
  return bytes;
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
