/**
 * How long nobody asks what is down: twice as long after each time that it was still down at the end of a pause. What fails
 * meanwhile says nothing about how long it lasts.
 */
export class GrowingPause {
  private failures = 0;
  private until = 0;

  /** @param firstMs the shortest pause @param mostMs the longest pause */
  constructor(
    private readonly firstMs: number,
    private readonly mostMs: number,
  ) {}

  /** @param now milliseconds, as all that is given here */
  isOver(now: number): boolean {
    return now >= this.until;
  }

  failed(now: number): void {
    if (this.isOver(now)) this.until = now + Math.min(this.mostMs, this.firstMs * 2 ** this.failures++);
  }

  passed(): void {
    this.failures = 0;
    this.until = 0;
  }
}
