import { setImmediate } from 'node:timers/promises';

/** Milliseconds for which one answer may have the event loop for itself. */
const LONGEST_MS = 20;

/** Lets others come in where much is done at once: reading what has already come does not give way by itself. */
export class Breath {
  private since = performance.now();

  async take(): Promise<void> {
    if (performance.now() - this.since < LONGEST_MS) return;
    await setImmediate();
    this.since = performance.now();
  }
}
