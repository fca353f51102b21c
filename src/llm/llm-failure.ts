import { AppError } from '../common/errors/app-error.js';

export interface LlmFailureOptions {
  /** Whether the same request may succeed soon. */
  retry: boolean;
  /** Whether it speaks against the model's health; by default where a repetition makes sense. */
  down?: boolean;
  /** Seconds that the model asks to wait first. */
  wait?: number | undefined;
  retryAfter?: number | undefined;
  cause?: unknown;
}

/** Why a language model gave no answer, and whether asking again makes sense. */
export class LlmFailure extends AppError {
  readonly retry: boolean;
  readonly down: boolean;
  readonly wait: number | undefined;

  constructor(code: 'llm_failed' | 'llm_unavailable', detail: string, options: LlmFailureOptions) {
    const { retryAfter, cause } = options;
    super(code, detail, { cause, ...(retryAfter === undefined ? {} : { retryAfter }) });
    this.retry = options.retry;
    this.down = options.down ?? options.retry;
    this.wait = options.wait;
  }
}
