interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Runs calls that come while one is under way together in the next one: under load many share one statement, alone
 * each runs at once.
 */
export class Together<Item, Result> {
  private readonly waiting: Waiting<Item, Result>[] = [];
  private running = false;

  /** @param work gives a result for each item, in order; what it throws reaches all of them */
  constructor(
    private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly most = 100,
  ) {}

  /** Whether nothing runs or waits. */
  get idle(): boolean {
    return !this.running;
  }

  run(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (!this.running) void this.drain();
    });
  }

  private async drain(): Promise<void> {
    this.running = true;
    // Calls of the same moment go together from the first.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, this.most);
      try {
        const results = await this.work(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, i) => resolve(results[i]!));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.running = false;
  }
}
