import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AppError } from '../../common/errors/app-error.js';
import { isLoopback } from '../../config/check-web.js';
import { Settings } from '../../config/settings.js';

/**
 * For routes on which a browser's cookies count or are set: a page of a foreign origin may not call them, also
 * where it could not read the answer. Requests without browser headers come from programs, which hold no
 * cookies but their own.
 */
@Injectable()
export class OriginGuard implements CanActivate {
  private readonly allowed: ReadonlySet<string>;

  constructor(private readonly settings: Settings) {
    const own = settings.publicUrl === undefined ? [] : [new URL(settings.publicUrl).origin];
    this.allowed = new Set([...settings.corsOrigins, ...own]);
  }

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const { origin } = request.headers;
    const allowed =
      origin === undefined
        ? request.headers['sec-fetch-site'] !== 'cross-site'
        : this.allowed.has(origin) || this.isOwn(origin, request.host);
    if (!allowed)
      throw new AppError('origin_not_allowed', 'Add the origin of the front end to CORS_ORIGINS.');
    return true;
  }

  /**
   * Behind a proxy that ends TLS, the scheme here is another than the page's. Where cookies are secure, a page that
   * came over plain HTTP may have been changed on its way.
   */
  private isOwn(origin: string, host: string): boolean {
    const page = URL.canParse(origin) ? new URL(origin) : undefined;
    if (!page?.host || page.host !== host) return false;
    return !this.settings.cookieSecure || page.protocol === 'https:' || isLoopback(page.hostname);
  }
}
