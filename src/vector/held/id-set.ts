import { uuidBytes, UUID_BYTES } from '../../common/search/uuid-bytes.js';

/** Whether an id is among some, told without making a text of it. */
export class IdSet {
  private readonly byStart = new Map<number, Uint8Array[]>();

  constructor(ids: readonly string[]) {
    for (const id of ids) {
      const bytes = uuidBytes(id);
      if (bytes === undefined) continue;
      const key = start(bytes, 0);
      const same = this.byStart.get(key);
      if (same) same.push(bytes);
      else this.byStart.set(key, [bytes]);
    }
  }

  /** The id at `index` of `ids`. */
  has(ids: Uint8Array, index: number): boolean {
    const at = index * UUID_BYTES;
    const same = this.byStart.get(start(ids, at));
    return same?.some((bytes) => bytes.every((byte, i) => ids[at + i] === byte)) ?? false;
  }
}

const start = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
