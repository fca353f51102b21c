import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../../common/errors/app-error.js';
import { needsRecentSignIn } from '../../common/security/recent-sign-in.js';
import { Settings } from '../../config/settings.js';
import type { Principal } from '../auth.types.js';

/** Runs behind authentication. */
@Injectable()
export class RecentSignInGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly settings: Settings,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (!needsRecentSignIn(this.reflector, context)) return true;
    const { user } = context.switchToHttp().getRequest<{ user?: Principal }>();
    const at = user?.apiKey ? undefined : user?.authenticatedAt;
    if (at === undefined || Date.now() - at.getTime() > this.settings.recentSignIn * 1000)
      throw new AppError(
        'recent_sign_in_required',
        'Show your password again at POST /auth/reauthenticate, then repeat this.',
      );
    return true;
  }
}
