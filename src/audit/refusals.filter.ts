import { Catch, type ArgumentsHost } from '@nestjs/common';
import type { Request } from 'express';
import { ProblemFilter } from '../common/http/problem.filter.js';
import { addressKey } from '../common/security/address.js';
import { requestId } from '../common/http/request-id.js';
import { toAppError } from '../common/http/to-app-error.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { AuditService } from './audit.service.js';

/** No credential, not enough rights, too many tries. A 404 hides what may not be read, also from this log. */
const REFUSALS = new Set([401, 403, 429]);

/** Writes problems like its parent, and counts those that refuse access. */
@Catch()
export class RefusalsFilter extends ProblemFilter {
  constructor(private readonly audit: AuditService) {
    super();
  }

  override catch(thrown: unknown, host: ArgumentsHost): void {
    const error = toAppError(thrown);
    if (REFUSALS.has(error.status)) {
      const request = host.switchToHttp().getRequest<Request & { user?: AuthUser }>();
      const route = request.route as { path?: string } | undefined;
      this.audit.count(
        {
          action: 'access.refused',
          actorId: request.user?.id ?? null,
          // Of an IPv6 address its network: one customer has 2^64 addresses.
          ip: addressKey(request.ip),
          requestId: requestId(request),
          // The pattern of the route, never the address that was asked for.
          details: { reason: error.code, method: request.method, route: route?.path ?? null },
        },
        error.code,
      );
    }
    // oxlint-disable-next-line promise/valid-params -- a filter's method, not a promise's
    super.catch(error, host);
  }
}
