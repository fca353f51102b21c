import { AppError } from '../../../common/errors/app-error.js';

export interface Failure {
  error: AppError;
  /** Whether the same request may succeed soon; seconds to wait first when the server said so. */
  retry: boolean;
  wait?: number | undefined;
}

const statusOf = (error: unknown): number | undefined => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
};

/** Google puts the wait for a used-up quota into the error's details: `"retryDelay": "34s"`. */
function waitOf(message: string): number | undefined {
  const found = /"retryDelay"\s*:\s*\\?"(\d+)(?:\.\d+)?s/.exec(message);
  return found ? Number(found[1]) : undefined;
}

/** What may be logged of an error of the SDK: it can hold a page of the server's answer, and with it the key. */
function describe(error: unknown, key: string): Error {
  const cause = error instanceof Error && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  const text = error instanceof Error ? `${error.name}: ${error.message}${cause}` : String(error);
  return new Error(text.replaceAll(key, '[key]').slice(0, 1000));
}

/** Turns whatever the SDK threw into an error of ours; nothing of the server's words reaches the client. */
export function toFailure(thrown: unknown, context: { model: string; key: string }): Failure {
  if (thrown instanceof AppError) return { error: thrown, retry: false };
  const cause = describe(thrown, context.key);
  const status = statusOf(thrown);
  const unavailable = (detail: string, retryAfter?: number): AppError =>
    new AppError('llm_unavailable', detail, { cause, ...(retryAfter ? { retryAfter } : {}) });
  if (status === 401 || status === 403 || (status === 400 && /API_KEY|API key/.test(cause.message)))
    return {
      error: unavailable('The language model refuses the key; check GOOGLE_API_KEY.', 60),
      retry: false,
    };
  if (status === 404)
    return {
      error: unavailable(`There is no model "${context.model}"; check GEMINI_MODEL.`, 60),
      retry: false,
    };
  if (status === 429) {
    const wait = waitOf(cause.message);
    const error = unavailable('The quota of the language model is used up; try again later.', wait ?? 30);
    return { error, retry: true, wait };
  }
  if (status !== undefined && status < 500) {
    const error = new AppError('llm_failed', `The language model refused the request (status ${status}).`, {
      cause,
    });
    return { error, retry: status === 408 };
  }
  const detail =
    status === undefined
      ? 'The language model is not reachable.'
      : 'The language model is overloaded or failing.';
  return { error: unavailable(detail), retry: true };
}
