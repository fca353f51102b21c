import { setTimeout as sleep } from 'node:timers/promises';
import { ThreadLost } from '../../../common/threads/thread.js';
import type { SegmentRow } from './segment-log.js';

/** So long after it began, queries wait for a repair: a small one is over by then. */
const PATIENCE_MS = 3_000;

/** Has what damaged segments held indexed again in the background: no read of the log waits for it. */
export class SegmentRepairs {
  /** So many chunks may be missing in memory. */
  lacking = 0;
  /** How many came to their end. */
  completed = 0;
  private current: AbortController | undefined;
  private latest: Promise<void> = Promise.resolve();
  private patience: Promise<void> | undefined;

  /**
   * @param repair by what is in memory, which it may be no longer when the signal is aborted.
   * @param onFailed the damage stays until the log is loaded afresh.
   */
  constructor(
    private readonly repair: (damaged: readonly SegmentRow[], signal: AbortSignal) => Promise<void>,
    private readonly onFailed: (error: unknown) => void,
  ) {}

  get underWay(): boolean {
    return this.current !== undefined;
  }

  begin(damaged: readonly SegmentRow[]): void {
    this.cancel();
    const current = new AbortController();
    this.current = current;
    this.lacking = damaged.reduce((sum, { chunks }) => sum + chunks, 0);
    const patience = sleep(PATIENCE_MS, undefined, { ref: false }).then(() => {
      if (this.patience === patience) this.patience = undefined;
    });
    this.patience = patience;
    // One that was cancelled may still be storing something.
    this.latest = this.latest.then(() => this.run(damaged, current));
  }

  /** What is in memory is no longer what the repair began with. */
  cancel(): void {
    this.current?.abort(new ThreadLost('the index was loaded afresh meanwhile'));
    this.current = undefined;
    this.lacking = 0;
  }

  /** Resolves when no repair is under way. */
  async ended(): Promise<void> {
    await this.latest;
  }

  /** Waits for one that began just now, but not for long. */
  async endedSoon(): Promise<void> {
    const { current, patience, latest } = this;
    if (current !== undefined && patience !== undefined) await Promise.race([latest, patience]);
  }

  private async run(damaged: readonly SegmentRow[], current: AbortController): Promise<void> {
    const { signal } = current;
    try {
      signal.throwIfAborted();
      await this.repair(damaged, signal);
      signal.throwIfAborted();
      this.lacking = 0;
      this.completed++;
    } catch (error) {
      if (!signal.aborted) this.onFailed(error);
    } finally {
      if (this.current === current) this.current = undefined;
    }
  }
}
