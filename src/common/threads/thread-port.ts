import { parentPort, type Transferable } from 'node:worker_threads';
import { collectWhenQuiet } from './collect-when-quiet.js';
import type { ThreadReply, ThreadRequest } from './thread.types.js';

export interface Answer {
  result: unknown;
  /** What of the result moves to the caller instead of being copied. */
  transfer?: Transferable[];
}

/** Answers requests inside a worker thread, one after the other; what `handle` throws reaches the caller. */
export function serve(handle: (task: never) => Answer): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread');
  const touched = collectWhenQuiet();
  port.on('message', ({ id, task }: ThreadRequest<never>) => {
    touched();
    let reply: ThreadReply;
    let transfer: Transferable[] = [];
    try {
      const done = handle(task);
      reply = { id, result: done.result };
      transfer = done.transfer ?? [];
    } catch (error) {
      reply = { id, error: error instanceof Error ? error.message : String(error) };
    }
    port.postMessage(reply, transfer);
  });
}
