import { Worker } from 'node:worker_threads';
import { workerUrl } from '../../../common/worker-url.js';
import { closeGate, newGate } from '../../../common/threads/run-gate.js';
import type { EncodeItem, EncoderWorkerData, FromEncoder, ToEncoder } from './encoder.messages.js';

/** A thread that must stop a runaway text from taking the process with it: MB of JavaScript heap. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 4 };

/** Longer than any run: whoever has not ended by then is stuck in JavaScript, where terminating is safe. */
const STOP_MS = 10_000;

export interface ThreadEvents<T> {
  vector(item: T, vector: Float32Array): void;
  failed(item: T, detail: string): void;
  /** The thread ended by itself; these items had no answer. Not called after `stop()`. */
  crashed(lost: T[], detail: string): void;
  /** After every answer: there may be room for more. */
  progressed(): void;
}

/** One loaded model in one worker thread, and what is under way in it. */
export class EncoderThread<T extends EncodeItem & { cost: number }> {
  /** Resolves when the model is loaded and checked; rejects with a plain `Error` that says why it cannot be used. */
  readonly ready: Promise<void>;
  isReady = false;
  /** Stays true when the thread has ended later. */
  wasReady = false;
  /** Estimated tokens sent and not answered. */
  outstanding = 0;
  idleSince = Date.now();
  private readonly gate = newGate();
  private readonly worker: Worker;
  private readonly sent = new Map<number, T>();
  private readonly exit: Promise<void>;
  private exited = false;
  private ended = false;

  constructor(
    data: Omit<EncoderWorkerData, 'gate'>,
    private readonly events: ThreadEvents<T>,
  ) {
    const file = workerUrl(import.meta.url, 'encoder.worker.js');
    const workerData: EncoderWorkerData = { ...data, gate: this.gate };
    this.worker = new Worker(file, { workerData, name: 'encoder', resourceLimits: RESOURCE_LIMITS });
    this.exit = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.exited = true;
        resolve();
      });
    });
    this.ready = new Promise((resolve, reject) => {
      this.worker.on('message', (message: FromEncoder) => {
        if (message.type === 'ready') {
          this.isReady = this.wasReady = true;
          resolve();
        } else if (message.type === 'unusable') {
          // The thread ends by itself.
          this.ended = true;
          reject(new Error(message.detail));
        } else this.receive(message);
      });
      const end = (detail: string): void => {
        reject(new Error(detail));
        this.end(detail);
      };
      this.worker.on('error', (error) => end(error instanceof Error ? error.message : String(error)));
      this.worker.on('exit', (code) => end(`the encoder thread ended with code ${code}`));
    });
    // Whoever awaits it hears of a failure; an unwatched one must not end the process.
    this.ready.catch(() => undefined);
  }

  get threadId(): number {
    return this.worker.threadId;
  }

  /** What was sent and not answered. */
  items(): T[] {
    return [...this.sent.values()];
  }

  send(items: T[]): void {
    if (items.length === 0) return;
    for (const item of items) {
      this.sent.set(item.id, item);
      this.outstanding += item.cost;
    }
    this.post({
      type: 'embed',
      items: items.map(({ id, kind, urgent, text }) => ({ id, kind, urgent, text })),
    });
  }

  cancel(ids: readonly number[]): void {
    const mine = ids.filter((id) => this.sent.has(id));
    if (mine.length > 0) this.post({ type: 'cancel', ids: mine });
  }

  /**
   * Ends the thread after the run it is in; what is under way gets no answer. Terminating it from outside would
   * abort the whole process when that hits the native code.
   */
  async stop(): Promise<void> {
    this.ended = true;
    this.isReady = false;
    if (this.exited) return;
    await this.ready.catch(() => undefined);
    this.post({ type: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, STOP_MS)));
    await Promise.race([this.exit, late]);
    clearTimeout(timer);
    if (!this.exited) await this.worker.terminate();
  }

  /** Blocks until the thread runs no native code, and keeps it out; for the very end of the process. */
  holdBack(): void {
    if (!this.exited) closeGate(this.gate);
  }

  private post(message: ToEncoder): void {
    this.worker.postMessage(message);
  }

  private receive(message: Exclude<FromEncoder, { type: 'ready' | 'unusable' }>): void {
    const size = message.type === 'vectors' ? message.vectors.length / message.ids.length : 0;
    message.ids.forEach((id, i) => {
      const item = this.sent.get(id);
      if (!item) return;
      this.sent.delete(id);
      this.outstanding -= item.cost;
      // A copy: a view would keep the whole batch in memory for as long as one vector lives.
      if (message.type === 'vectors')
        this.events.vector(item, message.vectors.slice(i * size, (i + 1) * size));
      else if (message.type === 'failed') this.events.failed(item, message.detail);
    });
    this.idleSince = Date.now();
    this.events.progressed();
  }

  private end(detail: string): void {
    if (this.ended) return;
    this.ended = true;
    this.isReady = false;
    this.outstanding = 0;
    const lost = [...this.sent.values()];
    this.sent.clear();
    this.events.crashed(lost, detail);
  }
}
