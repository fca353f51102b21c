import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '../../common/errors/app-error.js';
import { accessOf } from '../../common/security/access.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Principal } from '../auth.types.js';
import { AdminFactor } from './admin-factor.service.js';

/** Runs behind authentication, with the roles that the database gave for this request. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly factor: AdminFactor,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    const access = accessOf(this.reflector, context);
    if (typeof access !== 'object') return true;
    const { user } = context.switchToHttp().getRequest<{ user?: Principal }>();
    if (!user || !access.roles.some((role) => user.roles.includes(role)))
      throw new AppError('forbidden', `This needs the role ${access.roles.join(' or ')}.`);
    if (access.roles.includes(ADMIN_ROLE)) this.factor.require(user);
    return true;
  }
}
