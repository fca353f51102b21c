import { parentPort, type Transferable } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from './thread.types.js';

/** Serves requests inside a worker thread; `handle` gives the result and what of it moves to the caller. */
export function serve<Task>(handle: (task: Task) => { result: unknown; transfer?: Transferable[] }): void {
  const port = parentPort;
  if (port === null) throw new Error('this file runs in a worker thread');
  port.on('message', ({ id, task }: ThreadRequest<Task>) => {
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
