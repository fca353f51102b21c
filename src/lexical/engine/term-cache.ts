import type { TermUnits } from './term-units.js';

/** What an entry takes beside its numbers. */
const ENTRY_BYTES = 250;
/** An entry of a map. */
const OTHER_BYTES = 50;

/**
 * Units of one segment by term and level, of terms that are asked for again and again: as long as none of its documents
 * dies. Two halves: what is used moves into the younger one, and when that is full the older one goes.
 */
export class TermCache {
  /** Bytes that both halves may take. */
  limit = 0;
  private young = new Map<string, TermUnits>();
  private old = new Map<string, TermUnits>();
  private youngBytes = 0;
  private oldBytes = 0;

  get bytes(): number {
    return this.youngBytes + this.oldBytes;
  }

  find(key: string): TermUnits | undefined {
    const known = this.young.get(key);
    if (known !== undefined) return known;
    const older = this.old.get(key);
    if (older === undefined) return undefined;
    this.old.delete(key);
    this.oldBytes -= bytesOf(older);
    this.add(key, older);
    return older;
  }

  /** Whether these are few enough to be kept beside others. */
  hasRoomFor({ count, others }: TermUnits): boolean {
    const bytes = count * Uint32Array.BYTES_PER_ELEMENT + others.size * OTHER_BYTES + ENTRY_BYTES;
    return bytes * 4 <= this.limit;
  }

  add(key: string, units: TermUnits): void {
    const bytes = bytesOf(units);
    if (this.youngBytes + bytes > this.limit / 2) {
      this.old = this.young;
      this.oldBytes = this.youngBytes;
      this.young = new Map();
      this.youngBytes = 0;
    }
    this.young.set(key, units);
    this.youngBytes += bytes;
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.youngBytes = this.oldBytes = 0;
  }
}

const bytesOf = ({ packed, others }: TermUnits): number =>
  packed.byteLength + others.size * OTHER_BYTES + ENTRY_BYTES;
