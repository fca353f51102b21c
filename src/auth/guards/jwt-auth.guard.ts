import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request, Response } from 'express';
import { AppError } from '../../common/errors/app-error.js';
import { RequestLimits } from '../../common/http/request-limits.service.js';
import { originOf } from '../../common/security/request-origin.js';
import { addressKey } from '../../common/security/address.js';
import { accessOf, type Access } from '../../common/security/access.js';
import type { LiveRequest } from '../../common/security/live-request.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import { LiveKeys } from '../api-keys/live-keys.service.js';
import type { Principal } from '../auth.types.js';
import { apiKeyOf, bearerOf, hasCredential } from '../http/credentials.js';
import { JwtStrategy } from './jwt.strategy.js';

const notUnlessRefused = (error: unknown): boolean => {
  if (error instanceof AppError && error.status < 500) return false;
  throw error;
};

/** Every route wants a signed-in user, or a key, unless it says otherwise. All failures look the same. */
@Injectable()
export class JwtAuthGuard extends AuthGuard() {
  constructor(
    private readonly reflector: Reflector,
    private readonly keys: LiveKeys,
    private readonly limits: RequestLimits,
    private readonly strategy: JwtStrategy,
  ) {
    super({ defaultStrategy: strategy.registeredAs });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    try {
      return await this.admit(context);
    } catch (error) {
      // Refused here, it never gets to the limits that count by user.
      const http = context.switchToHttp();
      await this.limits.consume(
        'general',
        addressKey(http.getRequest<Request>().ip),
        http.getResponse<Response>(),
      );
      throw error;
    }
  }

  private async admit(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context);
    if (access === 'public') return true;
    const request = context.switchToHttp().getRequest<LiveRequest & { user?: Principal | undefined }>();
    if ((access === 'optional' || access === 'lenient') && !hasCredential(request)) return true;
    request.stillSignedIn = () => this.authenticate(context, request).catch(notUnlessRefused);
    const isAdmitted = await this.authenticate(context, request);
    const { user } = request;
    if (user) request.mayGoOn = () => this.mayGoOn(request, user, access);
    return isAdmitted;
  }

  private async mayGoOn(request: Request, user: Principal, access: Access | undefined): Promise<boolean> {
    const key = apiKeyOf(request);
    const roles = await (key === undefined ? this.strategy.rolesOf(user) : this.keys.rolesOf(key));
    if (roles === undefined || (user.adminAccess === true && !roles.includes(ADMIN_ROLE))) return false;
    return typeof access !== 'object' || access.roles.some((role) => roles.includes(role));
  }

  private async authenticate(
    context: ExecutionContext,
    request: Request & { user?: Principal | undefined },
  ): Promise<boolean> {
    const key = apiKeyOf(request);
    if (key === undefined) return this.authenticateToken(context, request);
    request.user = this.handleRequest(null, await this.keys.principal(key, originOf(request)), null, context);
    return true;
  }

  private async authenticateToken(
    context: ExecutionContext,
    request: Request & { user?: Principal | undefined },
  ): Promise<boolean> {
    const token = bearerOf(request);
    const known = token === undefined ? 'unknown' : await this.strategy.principalOf(token);
    if (known === 'unknown') return (await super.canActivate(context)) === true;
    request.user = this.handleRequest(null, known, null, context);
    return true;
  }

  override handleRequest<T>(
    error: unknown,
    user: T | false | undefined,
    _info: unknown,
    context: ExecutionContext,
  ): T {
    if (error) throw error;
    if (user) return user;
    if (accessOf(this.reflector, context) === 'lenient') return undefined as T;
    throw new AppError('unauthenticated', 'Send a valid access token in the Authorization header.');
  }
}
