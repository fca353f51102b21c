import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request, Response } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { AppError } from '../errors/app-error.js';
import { addressKey } from '../security/address.js';
import type { AuthUser } from '../security/auth-user.js';
import { RateLimits, type LimitClass, type RateLimit } from './rate-limits.js';

const LIMIT_CLASS = 'rate-limit-class';

/** Puts a route under a stricter limit than the general one. */
export const RateLimited = (limit: Exclude<LimitClass, 'general'>): MethodDecorator & ClassDecorator =>
  SetMetadata(LIMIT_CLASS, limit);

/**
 * Requests per window for each user or API key, or each address where nobody is signed in. Counted per process, so it
 * guards this process's resources; runs behind authentication, which is what makes the user known.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly limiters = new Map<LimitClass, RateLimiterMemory>();

  constructor(
    limits: RateLimits,
    private readonly reflector: Reflector,
  ) {
    for (const [name, limit] of Object.entries(limits.byClass) as [LimitClass, RateLimit][])
      this.limiters.set(
        name,
        new RateLimiterMemory({ keyPrefix: name, points: limit.points, duration: limit.window }),
      );
  }

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request & { user?: AuthUser }>();
    const special = this.reflector.getAllAndOverride<LimitClass | undefined>(LIMIT_CLASS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const key = request.user?.apiKey?.id ?? request.user?.id ?? addressKey(request.ip);
    await this.consume('general', key, http.getResponse<Response>());
    if (special) await this.consume(special, key, http.getResponse<Response>());
    return true;
  }

  private async consume(name: LimitClass, key: string, response: Response): Promise<void> {
    const limiter = this.limiters.get(name);
    if (!limiter) return;
    try {
      const left = await limiter.consume(key);
      response.setHeader('RateLimit-Limit', limiter.points);
      response.setHeader('RateLimit-Remaining', left.remainingPoints);
      response.setHeader('RateLimit-Reset', Math.ceil(left.msBeforeNext / 1000));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const wait = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new AppError('too_many_requests', `Wait ${wait} s before the next request.`, {
        retryAfter: wait,
      });
    }
  }
}
