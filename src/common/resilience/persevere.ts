import { setTimeout as sleep } from 'node:timers/promises';

export interface Attempts {
  attempt: (signal: AbortSignal) => Promise<void>;
  /** Told of each failure that no abort explains. @returns whether another attempt is worth it */
  failed: (error: Error) => Promise<boolean>;
  pauseMs: number;
}

/** Tries until an attempt succeeds, another is not worth it, or the signal ends; what `failed` throws ends it too. */
export async function persevere(signal: AbortSignal, attempts: Attempts): Promise<void> {
  while (!signal.aborted) {
    try {
      return await attempts.attempt(signal);
    } catch (error) {
      if (signal.aborted || !(await attempts.failed(error as Error))) return;
    }
    await sleep(attempts.pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
