import { SetMetadata, applyDecorators, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiSecurity } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.js';

/** Who may call a route. A route that states nothing wants a signed-in user. */
export type Access = 'public' | 'optional' | { roles: readonly string[] };

const ACCESS = 'access';

/** Open to everybody; a credential that is sent along is not looked at. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'public' satisfies Access), ApiSecurity({}));

/** Open to everybody; with a valid credential `@CurrentUser()` is that user, otherwise undefined. */
export const OptionalUser = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, 'optional' satisfies Access), ApiSecurity({}), ApiBearerAuth('bearer'));

/** Only for users who hold at least one of these roles at the time of the request. */
export const Roles = (...roles: [string, ...string[]]): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ACCESS, { roles } satisfies Access), ApiProblems('forbidden'));

/** What the handler says wins over what its class says. */
export const accessOf = (reflector: Reflector, context: ExecutionContext): Access | undefined =>
  reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);
