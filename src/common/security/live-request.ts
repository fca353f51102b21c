import type { Request } from 'express';
import { AppError } from '../errors/app-error.js';
import { atMostEach } from '../resilience/at-most-each.js';

const ASK_AGAIN_MS = 1000;

/** A request whose answer goes on for long: the guard that let it in can be asked again. */
export interface LiveRequest extends Request {
  /** Whether its credential would still be accepted. Rejects when that cannot be told now. */
  stillSignedIn?: () => Promise<boolean>;
  /**
   * Whether the session or key behind its credential is still good, however old an access token is by now: for work that
   * takes longer than one lives. Rejects when that cannot be told now.
   */
  mayGoOn?: () => Promise<boolean>;
}

/**
 * What is sent for as long as the request's session or key is good, of which it asks once a second.
 * @throws AppError `unauthenticated` in the middle
 */
export async function* whileItMayGoOn<T>(request: LiveRequest, items: AsyncIterable<T>): AsyncGenerator<T> {
  const ask = atMostEach(ASK_AGAIN_MS, async () => {
    if (!(await request.mayGoOn?.())) throw new AppError('unauthenticated', 'The session or key has ended.');
  });
  for await (const item of items) {
    await ask();
    yield item;
  }
}
