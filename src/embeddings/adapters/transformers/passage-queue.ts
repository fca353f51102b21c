import type { PoolItem } from './encoder-pool.types.js';

/** Passages that no thread has taken yet, oldest first, with their estimated tokens. */
export class PassageQueue {
  /** Estimated tokens of everything that waits. */
  cost = 0;
  private items: PoolItem[] = [];
  private head = 0;

  add(items: readonly PoolItem[]): void {
    for (const item of items) {
      this.items.push(item);
      this.cost += item.cost;
    }
  }

  putBack(items: readonly PoolItem[]): void {
    if (items.length === 0) return;
    this.items = [...items, ...this.items.slice(this.head)];
    this.head = 0;
    for (const item of items) this.cost += item.cost;
  }

  /** The oldest texts up to `budget` tokens, at least one if there is any. */
  take(budget: number): PoolItem[] {
    const taken: PoolItem[] = [];
    let sum = 0;
    for (let item = this.items[this.head]; item; item = this.items[this.head]) {
      if (taken.length > 0 && sum + item.cost > budget) break;
      this.head++;
      this.cost -= item.cost;
      if (item.job.settled) continue;
      taken.push(item);
      sum += item.cost;
    }
    // Frees what was taken without moving the rest on every call.
    if (this.head > 1_024 || this.head === this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return taken;
  }

  dropSettled(): void {
    this.items = this.items.slice(this.head).filter((item) => !item.job.settled);
    this.head = 0;
    this.cost = this.items.reduce((sum, item) => sum + item.cost, 0);
  }
}
