import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';

/**
 * For routes on which a browser's cookies count or are set: a page of a foreign origin may not call them, also
 * where it could not read the answer. Requests without browser headers come from programs, which hold no
 * cookies but their own.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  private readonly allowed: ReadonlySet<string>;

  constructor(settings: Settings) {
    const own = settings.publicUrl === undefined ? [] : [new URL(settings.publicUrl).origin];
    this.allowed = new Set([...settings.corsOrigins, ...own]);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const { origin } = request.headers;
    const allowed =
      origin === undefined
        ? request.headers['sec-fetch-site'] !== 'cross-site'
        : this.allowed.has(origin) || hostOf(origin) === request.host;
    if (!allowed)
      throw new AppError('origin_not_allowed', 'Add the origin of the front end to CORS_ORIGINS.');
    return true;
  }
}

/** Only an origin's host can be compared: behind a proxy that ends TLS, the scheme here is another. */
const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host || undefined : undefined;
