import { SetMetadata, applyDecorators, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import { ApiBearerAuth, ApiExtension, ApiHeader, ApiSecurity } from '@nestjs/swagger';
import { ApiProblems } from '../http/api-problems.js';
import type { Scope } from './scopes.js';

/** Who may call a route. A route that states nothing wants a signed-in user, and refuses API keys. */
export type Access = 'public' | 'optional' | 'lenient' | 'session' | { roles: readonly string[] };

const ACCESS = 'access';
const SCOPE = 'required-scope';
const ALL_COLLECTIONS = 'all-collections';

/** Open to everybody; a credential that is sent along is not looked at. */
export const Public = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, 'public' satisfies Access),
    ApiSecurity({}),
    ApiExtension('x-access', 'public'),
  );

/**
 * Open to everybody; with a credential `@CurrentUser()` is that user, without one undefined. One that is not good is
 * refused: whoever sends it means to be somebody, and must not be treated as nobody.
 */
export const OptionalUser = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, 'optional' satisfies Access),
    ApiSecurity({}),
    ApiBearerAuth('bearer'),
    ApiExtension('x-access', 'optional'),
    ApiProblems('unauthenticated', 'key_not_allowed'),
  );

/** The same, but a credential that is not good counts as none. */
export const LenientUser = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, 'lenient' satisfies Access),
    ApiSecurity({}),
    ApiBearerAuth('bearer'),
    ApiExtension('x-access', 'lenient'),
  );

/** For whoever signed in, not for an API key: whatever has to do with accounts, credentials and sessions. */
export const SessionOnly = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, 'session' satisfies Access),
    ApiExtension('x-access', 'session'),
    ApiProblems('key_not_allowed'),
  );

/** Only for users who hold at least one of these roles at the time of the request. */
export const Roles = (...roles: [string, ...string[]]): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(ACCESS, { roles } satisfies Access),
    ApiExtension('x-required-roles', roles),
    ApiProblems('forbidden'),
  );

/** Also for an API key with this scope, beside whoever signed in. */
export const KeyScope = (scope: Scope): MethodDecorator & ClassDecorator =>
  applyDecorators(
    SetMetadata(SCOPE, scope),
    ApiBearerAuth('bearer'),
    ApiSecurity('apiKey'),
    ApiExtension('x-required-scope', scope),
    ApiProblems('insufficient_scope'),
  );

/** Names what may be of any collection, so that a key that is limited to some is refused. */
export const AllCollections = (): MethodDecorator & ClassDecorator =>
  applyDecorators(SetMetadata(ALL_COLLECTIONS, true), ApiProblems('key_not_allowed'));

export const ADMIN_ACCESS_HEADER = 'x-admin-access';

/** Documents a route on which permission of collections counts, and so the way past it. */
export const AdminMayPass = (): MethodDecorator & ClassDecorator =>
  applyDecorators(
    ApiProblems('validation_failed', 'forbidden'),
    ApiHeader({
      name: 'X-Admin-Access',
      required: false,
      description:
        'A reason in words, from an administrator: passes over permissions in this request, and is recorded.',
      schema: { type: 'string', minLength: 3, maxLength: 500 },
    }),
  );

/** What the handler says wins over what its class says. */
export const accessOf = (reflector: Reflector, context: ExecutionContext): Access | undefined =>
  reflector.getAllAndOverride<Access | undefined>(ACCESS, [context.getHandler(), context.getClass()]);

export const scopeOf = (reflector: Reflector, context: ExecutionContext): Scope | undefined =>
  reflector.getAllAndOverride<Scope | undefined>(SCOPE, [context.getHandler(), context.getClass()]);

export const wantsAllCollections = (reflector: Reflector, context: ExecutionContext): boolean =>
  reflector.getAllAndOverride<boolean | undefined>(ALL_COLLECTIONS, [
    context.getHandler(),
    context.getClass(),
  ]) ?? false;
