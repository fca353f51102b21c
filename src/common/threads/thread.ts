import { Worker, type Transferable } from 'node:worker_threads';
import type { ThreadReply, ThreadRequest } from './thread.types.js';

/** The thread died before it answered; a new one answers the next request. */
export class ThreadLost extends Error {
  override readonly name = 'ThreadLost';
}

interface Waiting {
  // Who asked knows what the task answers.
  resolve: (result: never) => void;
  reject: (error: Error) => void;
}

/**
 * A worker thread that starts with the first request and, where told to, ends after idling. Only an
 * unanswered request keeps the process alive.
 */
export class Thread<Task> {
  private worker: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private idleTimer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly file: URL,
    /** `idleMs` undefined: never ends by itself. `onLost` is called when it dies unasked. */
    private readonly options: { idleMs?: number; onLost?: (error: Error) => void } = {},
  ) {}

  get running(): boolean {
    return this.worker !== undefined;
  }

  /** @throws ThreadLost when the thread dies meanwhile, or was closed; Error when the task fails in it. */
  run<Result>(task: Task, transfer: readonly Transferable[] = []): Promise<Result> {
    if (this.closed) return Promise.reject(new ThreadLost('the thread was closed'));
    clearTimeout(this.idleTimer);
    const worker = (this.worker ??= this.start());
    const id = ++this.lastId;
    worker.ref();
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      try {
        worker.postMessage({ id, task } satisfies ThreadRequest<Task>, transfer);
      } catch (error) {
        this.waiting.delete(id);
        reject(error);
      }
    });
  }

  /** For good: nothing starts it again. */
  close(): Promise<void> {
    this.closed = true;
    return this.end();
  }

  private async end(): Promise<void> {
    clearTimeout(this.idleTimer);
    const worker = this.worker;
    this.worker = undefined;
    this.rejectAll(new ThreadLost('the thread was closed'));
    await worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.file);
    worker.unref();
    let failure: Error | undefined;
    worker.on('message', (reply: ThreadReply) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if (reply.error === undefined) waiting?.resolve(reply.result as never);
      else waiting?.reject(new Error(reply.error));
      if (this.waiting.size > 0) return;
      worker.unref();
      this.endWhenIdle();
    });
    worker.on('error', (error) => (failure = error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', (code) => {
      if (this.worker !== worker) return;
      this.worker = undefined;
      const lost = new ThreadLost(`the thread ended: ${failure?.message ?? `exit code ${code}`}`);
      this.rejectAll(lost);
      this.options.onLost?.(lost);
    });
    return worker;
  }

  private endWhenIdle(): void {
    if (this.options.idleMs === undefined) return;
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => void this.end(), this.options.idleMs);
    this.idleTimer.unref();
  }

  private rejectAll(error: Error): void {
    const waiting = [...this.waiting.values()];
    this.waiting.clear();
    for (const request of waiting) request.reject(error);
  }
}
