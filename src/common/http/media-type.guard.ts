import {
  Injectable,
  SetMetadata,
  applyDecorators,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiConsumes } from '@nestjs/swagger';
import type { Request } from 'express';
import { AppError } from '../errors/app-error.js';
import { hasBody } from './body-guard.js';

const FORM = 'multipart/form-data';
const TAKES_FORM = 'takes-form';

/** The route reads a form with files. */
export const TakesForm = (): MethodDecorator =>
  applyDecorators(SetMetadata(TAKES_FORM, true), ApiConsumes(FORM));

/** A page of any origin can send a form without being asked for permission first: only routes that say so take one. */
@Injectable()
export class MediaTypeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    if (hasBody(request) && request.is(FORM) && !this.reflector.get(TAKES_FORM, context.getHandler()))
      throw new AppError('unsupported_media_type', 'Send application/json.');
    return true;
  }
}
