import { ERROR_TABLE, type ErrorCode } from './error-table.js';

/** One field that a request got wrong. */
export interface FieldError {
  /** Path inside the body, such as `documents.3.text`. */
  field: string;
  code: string;
  detail: string;
}

export interface AppErrorOptions {
  errors?: FieldError[];
  /** Whole seconds for the `Retry-After` header. */
  retryAfter?: number;
  cause?: unknown;
}

/** What services throw. `detail` is shown to the client: it names what to do and holds no secret. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly status: number;
  readonly errors: FieldError[] | undefined;
  readonly retryAfter: number | undefined;

  constructor(
    readonly code: ErrorCode,
    readonly detail: string,
    options: AppErrorOptions = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.status = ERROR_TABLE[code].status;
    this.errors = options.errors;
    this.retryAfter = options.retryAfter ?? (this.status === 503 ? 5 : undefined);
  }
}

export const notFound = (what: string): AppError => new AppError('not_found', `There is no such ${what}.`);
