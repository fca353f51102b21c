import type { NextFunction, Request, Response } from 'express';
import { AppError } from '../errors/app-error.js';
import { NDJSON } from './ndjson.js';

export const hasBody = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined || Number(request.headers['content-length'] ?? 0) > 0;

/** JSON routes take only JSON and the upload only a form: anything else is told so before it is read. */
export function bodyGuard(request: Request, _response: Response, next: NextFunction): void {
  if (
    !hasBody(request) ||
    request.is('application/json') ||
    request.is('multipart/form-data') ||
    request.is(NDJSON)
  )
    return next();
  next(
    new AppError(
      'unsupported_media_type',
      'Send application/json, or multipart/form-data where a file is uploaded.',
    ),
  );
}
