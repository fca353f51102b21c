import type { NextFunction, Request, Response } from 'express';
import { hasBody } from './body-guard.js';

/** How much has to come in this time: far less than any line carries, far more than a connection that only stays open. */
const LEAST_BYTES = 1024;

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

function watch(request: Request, everyMs: number): void {
  const { socket } = request;
  let seen = socket.bytesRead;
  const timer = setInterval(() => {
    const heldUp = request.complete || request.isPaused() || request.readableLength > 0;
    if (heldUp || socket.bytesRead - seen >= LEAST_BYTES) seen = socket.bytesRead;
    else request.destroy();
  }, everyMs).unref();
  request.once('end', () => clearInterval(timer));
  request.once('close', () => clearInterval(timer));
}
