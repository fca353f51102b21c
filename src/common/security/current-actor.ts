import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';
import type { Actor } from './actor.types.js';
import type { AuthUser } from './auth-user.js';
import { originOf } from './request-origin.js';

/** The user the guards established, for routes whose changes are recorded. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const request = context.switchToHttp().getRequest<Request & { user: AuthUser }>();
  return { id: request.user.id, ...originOf(request) };
});
