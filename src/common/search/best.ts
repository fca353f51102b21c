export interface Scored {
  score: number;
}

/** Keeps the best `size` of what it is offered: a heap with the worst of them on top. */
export class Best<Item extends Scored> {
  private readonly items: Item[] = [];

  /** Equal scores are told apart by id, the lower one first: the order is the same on every process. */
  constructor(
    private readonly size: number,
    private readonly idOf: (item: Item) => string,
  ) {}

  /** A lower score cannot be among the best; cheap, so that the item need not be made. */
  get least(): number {
    return this.items.length < this.size ? -Infinity : this.items[0]!.score;
  }

  take(candidate: Item): void {
    const { items } = this;
    if (items.length < this.size) {
      items.push(candidate);
      for (let at = items.length - 1; at > 0;) {
        const parent = (at - 1) >> 1;
        if (!this.worse(items[at]!, items[parent]!)) break;
        [items[at], items[parent]] = [items[parent]!, items[at]!];
        at = parent;
      }
    } else if (this.worse(items[0]!, candidate)) {
      items[0] = candidate;
      this.sink();
    }
  }

  /** Best first. */
  sorted(): Item[] {
    return this.items.sort((a, b) => (this.worse(a, b) ? 1 : -1));
  }

  /** The first item goes down to its place: what is worse comes up meanwhile. */
  private sink(): void {
    const { items } = this;
    const item = items[0]!;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && this.worse(items[child + 1]!, items[child]!)) child++;
      if (!this.worse(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }

  private worse(a: Item, b: Item): boolean {
    return a.score === b.score ? this.idOf(a) > this.idOf(b) : a.score < b.score;
  }
}
