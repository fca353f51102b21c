/** What an entry takes beside its numbers. */
const ENTRY_BYTES = 250;

/**
 * What is known of terms in one segment, as long as none of its documents dies. Two halves: what is used moves into the
 * younger one, and when that is full the older one goes.
 */
export class TermCache<T extends { readonly bytes: number }> {
  /** Bytes that both halves may take. */
  limit = 0;
  private young = new Map<string, T>();
  private old = new Map<string, T>();
  private youngBytes = 0;
  private oldBytes = 0;

  get bytes(): number {
    return this.youngBytes + this.oldBytes;
  }

  find(key: string): T | undefined {
    const known = this.young.get(key);
    if (known !== undefined) return known;
    const older = this.old.get(key);
    if (older === undefined) return undefined;
    this.old.delete(key);
    this.oldBytes -= older.bytes + ENTRY_BYTES;
    this.add(key, older);
    return older;
  }

  /** Whether this is small enough to be kept beside others. */
  hasRoomFor({ bytes }: T): boolean {
    return (bytes + ENTRY_BYTES) * 4 <= this.limit;
  }

  add(key: string, known: T): void {
    const bytes = known.bytes + ENTRY_BYTES;
    if (this.youngBytes + bytes > this.limit / 2) {
      this.old = this.young;
      this.oldBytes = this.youngBytes;
      this.young = new Map();
      this.youngBytes = 0;
    }
    this.young.set(key, known);
    this.youngBytes += bytes;
  }

  clear(): void {
    this.young.clear();
    this.old.clear();
    this.youngBytes = this.oldBytes = 0;
  }
}
