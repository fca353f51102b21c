import type { PageCount } from '../extract/extract.types.js';

/** A document of a thousand pages is not worth a thousand writes. */
const EVERY_MS = 1000;

/** Writes down how many pages were read, the newest count only and one write at a time. */
export class PageProgress {
  private newest: PageCount | undefined;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private writtenAt = -Infinity;
  private ended = false;

  /** @param write what it fails with is nobody's concern: the next count is a better one */
  constructor(private readonly write: (pages: PageCount) => Promise<void>) {}

  note(pages: PageCount): void {
    this.newest = pages;
    this.schedule();
  }

  /** Nothing is written after it has resolved. */
  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.writing;
  }

  private schedule(): void {
    if (this.ended || this.timer || this.writing || !this.newest) return;
    const wait = Math.max(0, this.writtenAt + EVERY_MS - performance.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      const { newest } = this;
      this.newest = undefined;
      if (!newest) return;
      this.writtenAt = performance.now();
      this.writing = this.write(newest)
        .catch(() => undefined)
        .finally(() => {
          this.writing = undefined;
          this.schedule();
        });
    }, wait);
    this.timer.unref();
  }
}
