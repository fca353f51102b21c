import type { Request, Response } from 'express';

/** How long a client whose body was refused may go on sending. */
const REFUSED_MS = 2000;

/**
 * A refused body may be long: its sender gets the answer, and a moment to read it, but not to send it all. What it sends
 * meanwhile is taken and thrown away, for bytes that nobody takes would break the connection before the answer is read.
 */
export function hangUp(request: Request, response: Response): void {
  if (request.complete) return;
  request.resume();
  response.once('finish', () => {
    setTimeout(() => request.complete || request.socket.destroy(), REFUSED_MS).unref();
  });
}
