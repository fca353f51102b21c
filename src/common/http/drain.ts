import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Takes no new connections, and lets requests that are under way be answered; so are those that come on open connections
 * meanwhile, which end with their answer. Resolves when the last connection has ended, or after `mostMs`.
 */
export async function drain(server: Server, mostMs: number): Promise<void> {
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
    response.setHeader('Connection', 'close');
  });
  // For those whose answer was on its way before.
  server.keepAliveTimeout = 1;
  const ended = new AbortController();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const late = sleep(mostMs, undefined, { signal: ended.signal }).catch(() => undefined);
  await Promise.race([closed, late]);
  ended.abort();
}
