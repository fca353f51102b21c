import type { NextFunction, Request, Response } from 'express';
import { hasBody } from './body-guard.js';

/** How much has to come in this time: far less than any line carries, far more than a connection that only stays open. */
const LEAST_BYTES = 1024;
/** In one look alone, a process that was itself held up has read nothing of what came. */
const LOOKS = 4;

/**
 * Ends requests whose body stops coming, or trickles: a client that is gone without a word, or one that holds a
 * connection on purpose. A body may take as long as it needs while it comes, and while we hold it up ourselves.
 * @param seconds after which nothing more is waited for
 */
export function bodyProgress(seconds: number) {
  return (request: Request, _response: Response, next: NextFunction): void => {
    if (hasBody(request)) watch(request, seconds * 1000);
    next();
  };
}

function watch(request: Request, withinMs: number): void {
  const { socket } = request;
  let seen = socket.bytesRead;
  let quiet = 0;
  const timer = setInterval(() => {
    const heldUp = request.complete || request.isPaused() || request.readableLength > 0;
    if (heldUp || socket.bytesRead - seen >= LEAST_BYTES) {
      seen = socket.bytesRead;
      quiet = 0;
    } else if (++quiet === LOOKS) {
      request.destroy();
    }
  }, withinMs / LOOKS).unref();
  request.once('end', () => clearInterval(timer));
  request.once('close', () => clearInterval(timer));
}
