/** Computing time that may be saved up, in seconds of the clock. */
const SAVED_SECONDS = 10;

/** So much computing time for each second of the clock, and no more. */
export class CpuBudget {
  private saved: number;
  private at: number;

  /** @param share of one core, 0 to 1 */
  constructor(
    private readonly share: number,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.saved = this.most;
    this.at = now();
  }

  private get most(): number {
    return this.share * SAVED_SECONDS * 1000;
  }

  /** Whether so many milliseconds are left. */
  allows(milliseconds: number): boolean {
    this.refill();
    // What is larger than can ever be saved may go when all of it is.
    return this.saved >= Math.min(milliseconds, this.most);
  }

  /** Takes what was used, which may turn out to be more than was left. */
  spend(milliseconds: number): void {
    this.refill();
    this.saved -= milliseconds;
  }

  private refill(): void {
    const now = this.now();
    this.saved = Math.min(this.most, this.saved + (now - this.at) * this.share);
    this.at = now;
  }
}
