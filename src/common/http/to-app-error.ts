import { HttpException } from '@nestjs/common';
import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';

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

/** Too many connections, shutting down, and connections that PostgreSQL broke off. */
const GONE_STATES = ['57P01', '57P02', '57P03', '53300', '08006', '08001', '08003'];
const GONE_STATE = new Set(GONE_STATES);
/**
 * What a database says that cannot do it now: it only reads, as after a failover; a lock or a statement took longer than its
 * settings allow; transactions that it broke off or that met others; no memory, or a limit of its own.
 */
const UNABLE = new Set('25006 25P02 25P03 40001 40P01 53000 53200 53400 55P03 57014 57P05 58030'.split(' '));
const DISK_FULL = '53100';
/** Of an error that the driver brought, so that the connection can only be the database's. */
const DATABASE_GONE = new Set([...GONE_STATES, 'ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE']);
/** What the pool says by itself. */
const POOL_GONE = /timeout exceeded when trying to connect|Connection terminated/;
/** Values that PostgreSQL cannot take: NUL characters, malformed text, numbers and times out of range. */
const BAD_VALUE = new Set(['22021', '22P05', '22P02', '22003', '22001', '22007', '22008']);

/** Raised by the database, whatever the way in which the last administrator would go. */
const LAST_ADMIN = 'AB001';

interface Faulty {
  type?: string;
  status?: number;
  statusCode?: number;
  code?: string;
  message?: string;
  syscall?: string;
  /** One for each address of a host that was tried. */
  errors?: { syscall?: string }[];
  driverError?: { code?: string; message?: string };
}

/**
 * Whether no connection could be had: TypeORM wraps what a query fails with, and hands this through as it came. Files and
 * pipes fail with the same codes, and `ECONNRESET` without a call is a client that hung up.
 */
function notConnected({ code = '', message = '', syscall, errors }: Faulty): boolean {
  if (GONE_STATE.has(code) || POOL_GONE.test(message)) return true;
  const call = syscall ?? errors?.[0]?.syscall;
  return (call === 'connect' && DATABASE_GONE.has(code)) || (call === 'read' && code === 'ECONNRESET');
}

/** Turns whatever was thrown into one of our errors; `internal_error` keeps the cause for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  const faulty = (error ?? {}) as Faulty;
  const unavailable = (): AppError =>
    new AppError('database_unavailable', 'The database does not answer. Try again.', { cause: error });
  if (faulty.driverError) {
    const code = faulty.driverError.code ?? '';
    if (code === LAST_ADMIN)
      return new AppError('last_admin', 'Make somebody else an administrator first.', { cause: error });
    if (BAD_VALUE.has(code))
      return new AppError('validation_failed', 'A value cannot be stored.', { cause: error });
    if (code === DISK_FULL)
      return new AppError('insufficient_storage', 'The database is out of storage space.', { cause: error });
    if (UNABLE.has(code)) return unavailable();
    if (DATABASE_GONE.has(code) || /terminat|timeout exceeded/i.test(faulty.message ?? ''))
      return unavailable();
  }
  if (notConnected(faulty)) return unavailable();
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
