import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../../common/errors/app-error.js';
import { accessOf } from '../../common/security/access.js';
import type { AuthUser } from '../../common/security/auth-user.js';

/** Runs behind authentication, with the roles that the database gave for this request. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const access = accessOf(this.reflector, context);
    if (typeof access !== 'object') return true;
    const { user } = context.switchToHttp().getRequest<{ user?: AuthUser }>();
    if (!user || !access.roles.some((role) => user.roles.includes(role)))
      throw new AppError('forbidden', `This needs the role ${access.roles.join(' or ')}.`);
    return true;
  }
}
