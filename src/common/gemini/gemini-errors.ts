import { types } from 'node:util';
import type { ErrorCode } from '../errors/error-table.js';
import { RemoteFailure, type RemoteFailureOptions } from '../resilience/remote-failure.js';

/** What was asked, for the words of an error. */
export interface GeminiSubject {
  /** Such as `language model`. */
  what: string;
  model: string;
  /** The variable that names the model. */
  variable: string;
  key: string;
  /** Codes for what may pass or is misconfigured, and for answers of no use. */
  unavailable: ErrorCode;
  failed: ErrorCode;
}

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
export function toFailure(thrown: unknown, subject: GeminiSubject): RemoteFailure {
  if (thrown instanceof RemoteFailure) return thrown;
  const { what, model, variable } = subject;
  const cause = describe(thrown, subject.key);
  const status = statusOf(thrown);
  const unavailable = (detail: string, options: RemoteFailureOptions): RemoteFailure =>
    new RemoteFailure(subject.unavailable, detail, { ...options, cause });
  const misconfigured = { retry: false, retryAfter: 60 };
  if (status === 401 || status === 403 || (status === 400 && /API_KEY|API key/.test(cause.message)))
    return unavailable(`The ${what} refuses the key; check GOOGLE_API_KEY.`, misconfigured);
  if (status === 404) return unavailable(`There is no model "${model}"; check ${variable}.`, misconfigured);
  const wait = waitOf(cause.message);
  if (status === 429)
    return unavailable(`The quota of the ${what} is used up; try again later.`, {
      retry: true,
      wait,
      retryAfter: wait ?? 30,
    });
  if (status !== undefined && status < 500)
    return new RemoteFailure(subject.failed, `The ${what} refused the request (status ${status}).`, {
      retry: status === 408,
      cause,
    });
  if (isUnreadable(thrown))
    return new RemoteFailure(subject.failed, `The answer of the ${what} could not be read.`, {
      retry: true,
      cause,
    });
  const detail =
    status === undefined ? `The ${what} is not reachable.` : `The ${what} is overloaded or failing.`;
  return unavailable(detail, { retry: true, wait, ...(wait ? { retryAfter: wait } : {}) });
}
