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

  /** False for a score that cannot be among the best; cheap, so that the item need not be made. */
  mayTake(score: number): boolean {
    return this.items.length < this.size || score >= this.items[0]!.score;
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

  private sink(): void {
    const { items } = this;
    for (let at = 0; ;) {
      let worst = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < items.length && this.worse(items[child]!, items[worst]!)) worst = child;
      }
      if (worst === at) return;
      [items[at], items[worst]] = [items[worst]!, items[at]!];
      at = worst;
    }
  }

  private worse(a: Item, b: Item): boolean {
    return a.score === b.score ? this.idOf(a) > this.idOf(b) : a.score < b.score;
  }
}
