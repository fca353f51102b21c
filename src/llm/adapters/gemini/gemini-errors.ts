import { types } from 'node:util';
import { LlmFailure } from '../../llm-failure.js';

const statusOf = (error: unknown): number | undefined => {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' ? status : undefined;
};

/** Google puts the wait for a used-up quota into the error's details: `"retryDelay": "34s"`. */
function waitOf(message: string): number | undefined {
  const found = /"retryDelay\\?"\s*:\s*\\?"(\d+(?:\.\d+)?)s/.exec(message);
  return found ? Math.ceil(Number(found[1])) : undefined;
}

/** What may be logged of an error of the SDK: it can hold a page of the server's answer, and with it the key. */
function describe(error: unknown, key: string): Error {
  const cause =
    types.isNativeError(error) && types.isNativeError(error.cause) ? ` (${error.cause.message})` : '';
  const text = types.isNativeError(error) ? `${error.name}: ${error.message}${cause}` : String(error);
  return new Error(text.replaceAll(key, '[key]').slice(0, 1000));
}

/** Plain errors of the SDK where the server's words are no JSON, end in the middle, or are of another shape. */
const isUnreadable = (error: unknown): boolean =>
  types.isNativeError(error) &&
  (error.name === 'SyntaxError' ||
    (error.name === 'TypeError' && error.cause === undefined && error.message !== 'terminated') ||
    /^(exception parsing|Incomplete JSON|Response body)/.test(error.message));

/** Turns whatever the SDK threw into an error of ours; nothing of the server's words reaches the client. */
export function toFailure(thrown: unknown, context: { model: string; key: string }): LlmFailure {
  if (thrown instanceof LlmFailure) return thrown;
  const cause = describe(thrown, context.key);
  const status = statusOf(thrown);
  const unavailable = (
    detail: string,
    options: { retry: boolean; wait?: number | undefined; retryAfter?: number },
  ) => new LlmFailure('llm_unavailable', detail, { ...options, cause });
  if (status === 401 || status === 403 || (status === 400 && /API_KEY|API key/.test(cause.message)))
    return unavailable('The language model refuses the key; check GOOGLE_API_KEY.', {
      retry: false,
      retryAfter: 60,
    });
  if (status === 404)
    return unavailable(`There is no model "${context.model}"; check GEMINI_MODEL.`, {
      retry: false,
      retryAfter: 60,
    });
  const wait = waitOf(cause.message);
  if (status === 429)
    return unavailable('The quota of the language model is used up; try again later.', {
      retry: true,
      wait,
      retryAfter: wait ?? 30,
    });
  if (status !== undefined && status < 500)
    return new LlmFailure('llm_failed', `The language model refused the request (status ${status}).`, {
      retry: status === 408,
      cause,
    });
  if (isUnreadable(thrown))
    return new LlmFailure('llm_failed', 'The answer of the language model could not be read.', {
      retry: true,
      cause,
    });
  return unavailable(
    status === undefined
      ? 'The language model is not reachable.'
      : 'The language model is overloaded or failing.',
    { retry: true, wait, ...(wait ? { retryAfter: wait } : {}) },
  );
}
