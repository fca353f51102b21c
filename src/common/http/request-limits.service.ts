import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors/app-error.js';
import { RateLimits, type LimitClass, type RateLimit } from './rate-limits.js';

/** What is told to the client: an Express response has it, and so do others. */
interface Headers {
  setHeader(name: string, value: number): unknown;
}

/** Counts requests by class and key, in this process: it guards this process's resources. */
@Injectable()
export class RequestLimits {
  private readonly limiters = new Map<LimitClass, RateLimiterMemory>();

  constructor(limits: RateLimits) {
    for (const [name, limit] of Object.entries(limits.byClass) as [LimitClass, RateLimit][])
      this.limiters.set(
        name,
        new RateLimiterMemory({ keyPrefix: name, points: limit.points, duration: limit.window }),
      );
  }

  has(name: LimitClass): boolean {
    return this.limiters.has(name);
  }

  /**
   * Counts one request. The headers tell of the class that was asked about last, which is the narrowest.
   * @throws AppError `too_many_requests` with the time to wait
   */
  async consume(name: LimitClass, key: string, response: Headers): Promise<void> {
    const limiter = this.limiters.get(name);
    if (!limiter) return;
    try {
      announce(response, limiter, await limiter.consume(key));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      announce(response, limiter, refused);
      const wait = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new AppError('too_many_requests', `Wait ${wait} s before the next request.`, {
        retryAfter: wait,
      });
    }
  }
}

function announce(response: Headers, { points }: RateLimiterMemory, left: RateLimiterRes): void {
  response.setHeader('RateLimit-Limit', points);
  response.setHeader('RateLimit-Remaining', left.remainingPoints);
  response.setHeader('RateLimit-Reset', Math.ceil(left.msBeforeNext / 1000));
}
