const EMPTY = -1;
const LEAST_SLOTS = 1024;

/**
 * Which row a chunk stands in: a table with open addressing, four to eight bytes a chunk. A chunk's id is random,
 * so its first bytes serve as its hash.
 */
export class ChunkRows {
  private slots = new Int32Array(LEAST_SLOTS).fill(EMPTY);
  private taken = 0;

  /** `idAt` gives where the id of a row begins in `ids`. */
  constructor(
    private readonly ids: () => Uint8Array,
    private readonly idAt: (row: number) => number,
  ) {}

  find(id: Uint8Array): number | undefined {
    for (let slot = this.slotOf(id, 0); ; slot = (slot + 1) & (this.slots.length - 1)) {
      const row = this.slots[slot]!;
      if (row === EMPTY) return undefined;
      if (this.isAt(id, row)) return row;
    }
  }

  /** The id must stand in its row already, and in no other. */
  add(row: number): void {
    if ((this.taken + 1) * 2 > this.slots.length) this.grow();
    this.place(row);
    this.taken++;
  }

  remove(id: Uint8Array): void {
    const mask = this.slots.length - 1;
    let slot = this.slotOf(id, 0);
    while (this.slots[slot] !== EMPTY && !this.isAt(id, this.slots[slot]!)) slot = (slot + 1) & mask;
    if (this.slots[slot] === EMPTY) return;
    this.taken--;
    // What follows may have been pushed on by the one that leaves.
    for (let next = (slot + 1) & mask; this.slots[next] !== EMPTY; next = (next + 1) & mask) {
      const home = this.slotOf(this.ids(), this.idAt(this.slots[next]!));
      if (((next - home) & mask) >= ((next - slot) & mask)) {
        this.slots[slot] = this.slots[next]!;
        slot = next;
      }
    }
    this.slots[slot] = EMPTY;
  }

  private place(row: number): void {
    const mask = this.slots.length - 1;
    let slot = this.slotOf(this.ids(), this.idAt(row));
    while (this.slots[slot] !== EMPTY) slot = (slot + 1) & mask;
    this.slots[slot] = row;
  }

  private grow(): void {
    const rows = this.slots.filter((row) => row !== EMPTY);
    this.slots = new Int32Array(this.slots.length * 2).fill(EMPTY);
    for (const row of rows) this.place(row);
  }

  private slotOf(bytes: Uint8Array, at: number): number {
    const hash = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    return (hash >>> 0) & (this.slots.length - 1);
  }

  private isAt(id: Uint8Array, row: number): boolean {
    const ids = this.ids();
    const at = this.idAt(row);
    for (let i = 0; i < id.length; i++) if (ids[at + i] !== id[i]) return false;
    return true;
  }
}
