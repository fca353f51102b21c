const FIRST_BLOCK = 8;
const LARGEST_BLOCK = 256;

/** Neighbouring rows of one collection. */
export interface Block {
  first: number;
  capacity: number;
  /** Rows that were ever given out, from the first one on. */
  used: number;
}

interface Home {
  blocks: Block[];
  free: number[];
  live: number;
}

/**
 * Deals out row numbers so that the rows of a collection stand in few blocks: whoever may read it pays for it
 * and for nothing else. The first block of a collection is small, since most collections are.
 */
export class RowSpace {
  private readonly homes = new Map<string, Home>();
  private readonly homeOf: (string | undefined)[] = [];
  /** Blocks that no collection needs any more, by capacity. */
  private readonly spare = new Map<number, number[]>();
  private end = 0;

  /** Rows that exist, dead ones included. */
  get size(): number {
    return this.end;
  }

  blocksOf(collection: string): readonly Block[] {
    return this.homes.get(collection)?.blocks ?? [];
  }

  collectionOf(row: number): string | undefined {
    return this.homeOf[row];
  }

  take(collection: string): number {
    let home = this.homes.get(collection);
    if (home === undefined) this.homes.set(collection, (home = { blocks: [], free: [], live: 0 }));
    const row = home.free.pop() ?? this.next(home);
    home.live++;
    this.homeOf[row] = collection;
    return row;
  }

  release(row: number): void {
    const collection = this.homeOf[row];
    const home = collection === undefined ? undefined : this.homes.get(collection);
    if (collection === undefined || home === undefined) return;
    this.homeOf[row] = undefined;
    home.free.push(row);
    home.live--;
    if (home.live > 0) return;
    this.homes.delete(collection);
    for (const { first, capacity } of home.blocks) {
      const spare = this.spare.get(capacity);
      if (spare) spare.push(first);
      else this.spare.set(capacity, [first]);
    }
  }

  private next(home: Home): number {
    let block = home.blocks.at(-1);
    if (block === undefined || block.used === block.capacity) {
      const capacity = Math.min(LARGEST_BLOCK, (block?.capacity ?? FIRST_BLOCK / 2) * 2);
      block = { first: this.spare.get(capacity)?.pop() ?? this.end, capacity, used: 0 };
      if (block.first === this.end) this.end += capacity;
      home.blocks.push(block);
    }
    return block.first + block.used++;
  }
}

export const BLOCK_ROWS = LARGEST_BLOCK;
