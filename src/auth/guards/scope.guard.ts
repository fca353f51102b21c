import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../../common/errors/app-error.js';
import { accessOf, scopeOf, wantsAllCollections } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';

/** Runs behind authentication: a key may call what states a scope, if it has that scope and is not limited to less. */
@Injectable()
export class ScopeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ user?: AuthUser | undefined }>();
    const { user } = request;
    if (!user?.apiKey) return true;
    const scope = scopeOf(this.reflector, context);
    if (scope === undefined && accessOf(this.reflector, context) === 'lenient') {
      request.user = undefined;
      return true;
    }
    if (scope === undefined) throw new AppError('key_not_allowed', 'Sign in: this is not for API keys.');
    if (!user.apiKey.scopes.includes(scope))
      throw new AppError('insufficient_scope', `This needs a key with the scope ${scope}.`);
    if (user.onlyCollections && wantsAllCollections(this.reflector, context))
      throw new AppError(
        'key_not_allowed',
        'A key that is limited to collections cannot see what may be of any collection.',
      );
    return true;
  }
}
