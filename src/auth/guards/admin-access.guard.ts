import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { originOf } from '../../common/security/request-origin.js';
import { ADMIN_ACCESS_HEADER } from '../../common/security/access.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Principal } from '../auth.types.js';
import { AdminFactor } from './admin-factor.service.js';

const REASON = { min: 3, max: 500 };

/**
 * Runs behind authentication and roles: an administrator who states a reason passes over the permissions of
 * collections in this request. The row that says so is written before anything is read.
 */
@Injectable()
export class AdminAccessGuard implements CanActivate {
  constructor(
    private readonly audit: AuditService,
    private readonly factor: AdminFactor,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<Request & { user?: Principal }>();
    const header = request.headers[ADMIN_ACCESS_HEADER];
    const { user } = request;
    if (header === undefined || !user) return true;
    if (user.apiKey) throw new AppError('key_not_allowed', 'An API key cannot pass over permissions.');
    if (!user.roles.includes(ADMIN_ROLE))
      throw new AppError('forbidden', 'Only administrators may pass over permissions.');
    this.factor.require(user);
    const reason = String(header).trim();
    if (reason.length < REASON.min || reason.length > REASON.max)
      throw new AppError(
        'validation_failed',
        `X-Admin-Access: state the reason in ${REASON.min} to ${REASON.max} characters.`,
      );
    const route = request.route as { path?: string } | undefined;
    await this.audit.record(undefined, {
      action: 'admin.access',
      actorId: user.id,
      ...originOf(request),
      details: { reason, method: request.method, route: route?.path ?? null, params: { ...request.params } },
    });
    user.adminAccess = true;
    return true;
  }
}
