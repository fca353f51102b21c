const REDRAW_MS = 100;
const PLAIN_MS = 5000;

interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * One line that says what is going on: redrawn on a terminal; elsewhere a plain line for each new step and
 * every five seconds of a long one.
 */
export class StatusLine {
  private drawn = false;
  private step = '';
  private at = -Infinity;

  constructor(
    private readonly out: Output,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @param step what is being done; @param detail how far it is */
  show(step: string, detail = ''): void {
    const news = step !== this.step;
    const elapsed = this.now() - this.at;
    if (!news && elapsed < (this.out.isTTY ? REDRAW_MS : PLAIN_MS)) return;
    this.step = step;
    this.at = this.now();
    const line = detail ? `${step}: ${detail}` : step;
    if (this.out.isTTY) {
      // A line that wraps cannot be redrawn.
      this.out.write(`\r\u001b[K${line.slice(0, (this.out.columns ?? 80) - 1)}`);
      this.drawn = true;
    } else {
      this.out.write(`${line}\n`);
    }
  }

  /** Removes a line that is being redrawn, so that something else can be printed. */
  clear(): void {
    if (this.drawn) this.out.write('\r\u001b[K');
    this.drawn = false;
    this.step = '';
    this.at = -Infinity;
  }
}
