import { randomUUID } from 'node:crypto';
import { uuidAt, uuidBytes, uuidTexts, UUID_BYTES } from './uuid-bytes.js';

describe('UUIDs as bytes', () => {
  const ids = Array.from({ length: 7 }, () => randomUUID());
  const bytes = new Uint8Array(ids.length * UUID_BYTES);
  ids.forEach((id, i) => bytes.set(uuidBytes(id)!, i * UUID_BYTES));

  it('are the same as text, one by one and together', () => {
    expect(ids.map((_, i) => uuidAt(bytes, i))).toEqual(ids);
    expect(uuidTexts(bytes)).toEqual(ids);
  });

  it('are read in steps', () => {
    expect(uuidTexts(bytes, 3)).toEqual([ids[0], ids[3], ids[6]]);
    expect(uuidTexts(bytes, 3, 1)).toEqual([ids[1], ids[4]]);
    expect(uuidTexts(bytes, 2, 7)).toEqual([]);
    expect(uuidTexts(new Uint8Array(0))).toEqual([]);
  });

  it('come from texts of either case, and from nothing else', () => {
    expect(uuidBytes(ids[0]!.toUpperCase())).toEqual(uuidBytes(ids[0]!));
    for (const text of [
      '',
      ids[0]!.slice(1),
      ids[0]!.replaceAll('-', '0'),
      `${ids[0]!.slice(0, 35)}g`,
      'ü'.repeat(36),
    ])
      expect(uuidBytes(text)).toBeUndefined();
  });
});
