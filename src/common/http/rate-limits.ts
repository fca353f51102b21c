export type LimitClass = 'general' | 'address' | 'auth' | 'expensive';

export interface RateLimit {
  points: number;
  /** Seconds. */
  window: number;
}

/** A class that is left out is not limited. */
export type LimitsByClass = Partial<Record<LimitClass, RateLimit>>;

/** The configured limits, as an injection token. */
export class RateLimits {
  constructor(readonly byClass: LimitsByClass) {}
}
