import { Injectable, SetMetadata, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NextFunction, Request, Response } from 'express';
import { addressKey } from '../security/address.js';
import type { AuthUser } from '../security/auth-user.js';
import type { LimitClass } from './rate-limits.js';
import { RequestLimits } from './request-limits.service.js';

const LIMIT_CLASS = 'rate-limit-class';

/** Puts a route under a stricter limit than the general one. */
export const RateLimited = (
  limit: Exclude<LimitClass, 'general' | 'address'>,
): MethodDecorator & ClassDecorator => SetMetadata(LIMIT_CLASS, limit);

/**
 * Counts requests of each user or API key, or of each address where nobody is signed in. Runs behind authentication,
 * which makes the user known, and which counts by address what it refuses.
 */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(
    private readonly limits: RequestLimits,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const http = context.switchToHttp();
    const request = http.getRequest<Request & { user?: AuthUser }>();
    const special = this.reflector.getAllAndOverride<LimitClass | undefined>(LIMIT_CLASS, [
      context.getHandler(),
      context.getClass(),
    ]);
    const key = request.user?.apiKey?.id ?? request.user?.id ?? addressKey(request.ip);
    await this.limits.consume('general', key, http.getResponse<Response>());
    if (special) await this.limits.consume(special, key, http.getResponse<Response>());
    return true;
  }
}

/** In front of everything, also of what is no route: all requests of an address, whoever they come from. */
export function addressLimit(
  limits: RequestLimits,
): (request: Request, response: Response, next: NextFunction) => void {
  return (request, response, next) => {
    limits.consume('address', addressKey(request.ip), response).then(() => next(), next);
  };
}
