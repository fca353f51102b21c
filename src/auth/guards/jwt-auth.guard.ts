import { Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuthGuard } from '@nestjs/passport';
import type { Request } from 'express';
import { AppError } from '../../common/errors/app-error.js';
import { accessOf } from '../../common/security/access.js';
import { JwtStrategy } from './jwt.strategy.js';

/** Every route wants a signed-in user unless it says otherwise. All failures look the same. */
@Injectable()
export class JwtAuthGuard extends AuthGuard() {
  constructor(
    private readonly reflector: Reflector,
    strategy: JwtStrategy,
  ) {
    super({ defaultStrategy: strategy.registeredAs });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const access = accessOf(this.reflector, context);
    if (access === 'public') return true;
    const { authorization } = context.switchToHttp().getRequest<Request>().headers;
    if (access === 'optional' && authorization === undefined) return true;
    return (await super.canActivate(context)) === true;
  }

  override handleRequest<T>(error: unknown, user: T | false, _info: unknown, context: ExecutionContext): T {
    if (error) throw error;
    if (user) return user;
    if (accessOf(this.reflector, context) === 'optional') return undefined as T;
    throw new AppError('unauthenticated', 'Send a valid access token in the Authorization header.');
  }
}
