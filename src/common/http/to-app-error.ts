import { HttpException } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';
import { databaseFailure } from './database-failure.js';

/** What Express, body-parser and Nest say by status; anything else that is a client's fault is malformed. */
const CODE_BY_STATUS: Record<number, [ErrorCode, string]> = {
  400: ['malformed_request', 'The request could not be read.'],
  401: ['unauthenticated', 'Send a valid access token in the Authorization header.'],
  403: ['forbidden', 'This needs a role or right that you do not have.'],
  404: ['not_found', 'There is no such route.'],
  405: ['method_not_allowed', 'The method is not allowed here.'],
  413: ['payload_too_large', 'The request body is larger than allowed.'],
  415: ['unsupported_media_type', 'Send application/json.'],
  431: ['headers_too_large', 'The request headers are too large.'],
};

interface Faulty {
  type?: string;
  status?: number;
  statusCode?: number;
  code?: string;
  message?: string;
}

/** Turns whatever was thrown into one of our errors; `internal_error` keeps the cause for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const ofDatabase = databaseFailure(error);
  if (ofDatabase) return ofDatabase;
  const faulty = (error ?? {}) as Faulty;
  if (faulty.type === 'entity.parse.failed')
    return new AppError('malformed_json', 'The body is not valid JSON.');
  if (faulty.type === 'charset.unsupported' || faulty.type === 'encoding.unsupported')
    return new AppError('unsupported_media_type', 'Send UTF-8 JSON.');
  if (faulty.code === 'LIMIT_FILE_SIZE')
    return new AppError('payload_too_large', 'The file is larger than MAX_UPLOAD_BYTES allows.');
  if (faulty.code === 'MISSING_FIELD_NAME')
    return new AppError('malformed_request', 'A part of the form has no name.');
  if (faulty.code === 'LIMIT_FIELD_NESTING' || faulty.code === 'INVALID_FIELD_NAME')
    return new AppError('validation_failed', 'The name of a field must not hold brackets.');
  if (faulty.code?.startsWith('LIMIT_'))
    return new AppError('validation_failed', 'The form has too many or too large fields.');
  // Nest has already turned the parser's SyntaxError into an exception of its own.
  if (
    error instanceof HttpException &&
    error.getStatus() === 400 &&
    /JSON|Unexpected (token|end)/.test(error.message)
  )
    return new AppError('malformed_json', 'The body is not valid JSON.');
  const status = error instanceof HttpException ? error.getStatus() : (faulty.status ?? faulty.statusCode);
  const known = status === undefined ? undefined : CODE_BY_STATUS[status];
  if (known) return new AppError(known[0], known[1], { cause: error });
  if (status !== undefined && status >= 400 && status < 500)
    return new AppError('malformed_request', 'The request could not be read.', { cause: error });
  if (error instanceof URIError)
    return new AppError('malformed_request', 'The address could not be decoded.');
  if (
    /Malformed part header|Unexpected end of form|Multipart: Boundary not found|Malformed content type|^Request (aborted|closed)$/.test(
      faulty.message ?? '',
    )
  )
    return new AppError('malformed_request', 'The form is incomplete or malformed.');
  return new AppError('internal_error', 'An unexpected error occurred; the request_id finds it in the log.', {
    cause: error,
  });
}
