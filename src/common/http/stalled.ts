import type { Response } from 'express';
import { DEFAULT_WRITE_TIMEOUT_MS, STREAM_WRITE_TIMEOUT } from './sse.js';

/** What the system holds of a download is much more than of an event, and hides for longer that it goes on. */
const TIMES = 10;
/** In one look alone, a process that was itself held up has written nothing. */
const LOOKS = 4;

/** Cuts off a client that takes nothing of its download any more: what it was sent from is held as long. */
export function endWhenStalled(response: Response): void {
  const timeout: unknown = response.app?.get(STREAM_WRITE_TIMEOUT);
  const withinMs = (typeof timeout === 'number' ? timeout : DEFAULT_WRITE_TIMEOUT_MS) * TIMES;
  let seen = -1;
  let quiet = 0;
  const timer = setInterval(() => {
    const written = response.socket?.bytesWritten ?? 0;
    quiet = response.writableLength > 0 && written === seen ? quiet + 1 : 0;
    if (quiet === LOOKS) response.destroy();
    seen = written;
  }, withinMs / LOOKS).unref();
  response.once('close', () => clearInterval(timer));
}
