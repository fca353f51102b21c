import { AppError } from '../errors/app-error.js';
import type { ErrorCode } from '../errors/error-table.js';

export interface RemoteFailureOptions {
  /** Whether the same request may succeed soon. */
  retry: boolean;
  /** Whether it speaks against the service's health; by default where a repetition makes sense. */
  down?: boolean;
  /** Seconds that the service asks to wait first. */
  wait?: number | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** Why a service elsewhere gave no answer, and whether asking again makes sense. */
export class RemoteFailure extends AppError {
  readonly retry: boolean;
  readonly down: boolean;
  readonly wait: number | undefined;

  constructor(code: ErrorCode, detail: string, options: RemoteFailureOptions) {
    const { retryAfter, cause } = options;
    super(code, detail, { cause, ...(retryAfter === undefined ? {} : { retryAfter }) });
    this.retry = options.retry;
    this.down = options.down ?? options.retry;
    this.wait = options.wait;
  }
}
