import { RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { Refund } from './refund.types.js';

/** Times in seconds. */
export interface CounterRules {
  name: string;
  /** So many attempts may fail within the window before the first wait. */
  free: number;
  window: number;
  /** Each wait is twice the one before, up to the longest: nobody is locked out for good. */
  firstWait: number;
  longestWait: number;
}

/** How an attempt got through; tells what giving it back means. */
export type Admission = 'free' | 'turn';

/** Makes a limiter that allows so many points in so many seconds, counted where all processes see it. */
export type LimiterFactory = (prefix: string, points: number, seconds: number) => RateLimiterAbstract;

/**
 * Counts attempts of one kind. An attempt is counted before it is made; one that turned out well is given back.
 * Past the free ones, one attempt is let through at a time and then nobody until the wait is over. Asking in
 * between changes nothing: the end of a wait is written once, by the attempt that began it.
 */
export class AttemptCounter {
  private readonly allowance: RateLimiterAbstract;
  private readonly turns: RateLimiterAbstract;
  private readonly strikes: RateLimiterAbstract;

  constructor(
    private readonly rules: CounterRules,
    limiter: LimiterFactory,
  ) {
    const { name, free, window } = rules;
    this.allowance = limiter(`${name}.free`, free, window);
    this.turns = limiter(`${name}.turn`, 1, rules.firstWait);
    // Has no limit of its own: it only remembers how often somebody had to wait.
    this.strikes = limiter(`${name}.waits`, Number.MAX_SAFE_INTEGER, window);
  }

  /** Takes one of the free attempts; false when there is none left. */
  async takeFree(key: string): Promise<boolean> {
    return (await taken(this.allowance.consume(key))) === undefined;
  }

  /**
   * @param free whether a free attempt was taken, if that was tried before
   * @returns how the attempt got through, or the seconds to wait
   */
  async reserve(key: string, free?: boolean): Promise<Admission | number> {
    if (free ?? (await this.takeFree(key))) return 'free';
    const waits = (await this.strikes.get(key))?.consumedPoints ?? 0;
    const wait = Math.min(this.rules.longestWait, this.rules.firstWait * 2 ** Math.min(waits, 30));
    const left = await taken(this.turns.consume(key, 1, { customDuration: wait }));
    if (left !== undefined) return Math.max(1, Math.ceil(left / 1000));
    await this.strikes.consume(key);
    return 'turn';
  }

  /** What to take back, as if the attempt had not been made: keys to count down, and keys to delete. */
  undo(key: string, admission: Admission): Refund {
    if (admission === 'free') return { decrement: [this.allowance.getKey(key)], delete: [] };
    return { decrement: [this.strikes.getKey(key)], delete: [this.turns.getKey(key)] };
  }

  /** The keys of all that is known. */
  all(key: string): string[] {
    return [this.allowance, this.turns, this.strikes].map((limiter) => limiter.getKey(key));
  }
}

/** Undefined when there was a point left, else the milliseconds until there is one again. */
async function taken(consumed: Promise<RateLimiterRes>): Promise<number | undefined> {
  try {
    await consumed;
    return undefined;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return refused.msBeforeNext;
    throw refused;
  }
}
