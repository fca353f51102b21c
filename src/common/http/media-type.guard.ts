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
const JSON_TYPE = 'application/json';
const TAKES = 'takes-media-type';

const encodingOf = (request: Request): string =>
  (request.headers['content-encoding'] ?? 'identity').toLowerCase();

/** The route reads bodies of this type, and of no other. */
export const Takes = (type: string): MethodDecorator =>
  applyDecorators(SetMetadata(TAKES, type), ApiConsumes(type));

/** The route reads a form with files. */
export const TakesForm = (): MethodDecorator => Takes(FORM);

/**
 * Routes read JSON but where they say so. A page of any origin can send a form without being asked for permission first,
 * and what no parser reads would be taken for an empty body.
 */
@Injectable()
export class MediaTypeGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const type = this.reflector.get<string | undefined>(TAKES, context.getHandler()) ?? JSON_TYPE;
    if (hasBody(request) && !request.is(type)) throw new AppError('unsupported_media_type', `Send ${type}.`);
    if (type !== JSON_TYPE && encodingOf(request) !== 'identity')
      throw new AppError('unsupported_media_type', `Send ${type} without a Content-Encoding.`);
    return true;
  }
}
