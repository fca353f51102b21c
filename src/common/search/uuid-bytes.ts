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
