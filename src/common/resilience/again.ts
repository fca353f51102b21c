import {
  DelegateBackoff,
  ExponentialBackoff,
  handleWhen,
  retry,
  type IBackoff,
  type IRetryBackoffContext,
  type RetryPolicy,
} from 'cockatiel';
import { RemoteFailure } from './remote-failure.js';

const LONGEST_BACKOFF_MS = 5_000;
/** A wait that the service asks for beyond this is the caller's to decide. */
const LONGEST_WAIT_S = 5;

const mayPass = (error: Error): boolean =>
  error instanceof RemoteFailure && error.retry && (error.wait ?? 0) <= LONGEST_WAIT_S;

/** What counts for a circuit breaker. */
export const speaksAgainst = (error: Error): boolean => error instanceof RemoteFailure && error.down;

/** Repeats what may pass. @param backoff milliseconds before the first repetition; later ones wait longer */
export const again = (repetitions: number, backoff: number): RetryPolicy =>
  retry(handleWhen(mayPass), {
    maxAttempts: repetitions,
    backoff: backoffFrom(backoff),
    // A wait that nobody waits for any more keeps no process alive.
  }).dangerouslyUnref();

/** As long as the service asks for, else longer each time; always with a part by chance, so that waves break. */
function backoffFrom(
  initialDelay: number,
): DelegateBackoff<IRetryBackoffContext<unknown>, IBackoff<unknown>> {
  const start = new ExponentialBackoff({ initialDelay, maxDelay: LONGEST_BACKOFF_MS });
  return new DelegateBackoff(({ result }, before) => {
    const state = before ? before.next(undefined) : start.next().next(undefined);
    const wait = 'error' in result && result.error instanceof RemoteFailure ? result.error.wait : undefined;
    return { delay: wait ? wait * 1000 * (1 + Math.random() / 4) : state.duration, state };
  });
}

/** What was promised, or the signal's reason at once. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
