import { Worker } from 'node:worker_threads';
import { closeGate, newGate } from '../../../common/threads/run-gate.js';
import { workerUrl } from '../../../common/worker-url.js';
import { Reranker, RerankerLoader } from '../../reranker.port.js';
import type { RerankerOptions, Scored } from '../../reranking.types.js';
import type { FromReranker, RerankerWorkerData, ToReranker } from './reranker.messages.js';

const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 512 };
/** Longer than any run. */
const STOP_MS = 10_000;

interface Waiting {
  resolve(scored: Scored): void;
  reject(reason: unknown): void;
}

export class TransformersRerankerLoader extends RerankerLoader {
  async load(options: RerankerOptions, onLost: (detail: string) => void): Promise<Reranker> {
    const reranker = new TransformersReranker(options, onLost);
    await reranker.ready;
    return reranker;
  }
}

/** A cross-encoder on this machine, computed by transformers.js with one thread of its own. */
class TransformersReranker extends Reranker {
  readonly modelId: string;
  readonly ready: Promise<void>;
  private readonly gate = newGate();
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly exit: Promise<void>;
  private lastId = 0;
  private closing = false;
  private readonly onProcessExit = (): void => closeGate(this.gate);

  constructor(
    { modelDir, modelId }: RerankerOptions,
    private readonly onLost: (detail: string) => void,
  ) {
    super();
    this.modelId = modelId;
    const workerData: RerankerWorkerData = { modelDir, gate: this.gate };
    this.worker = new Worker(workerUrl(import.meta.url, 'reranker.worker.js'), {
      workerData,
      name: 'reranker',
      resourceLimits: RESOURCE_LIMITS,
    });
    process.on('exit', this.onProcessExit);
    this.exit = new Promise((resolve) => this.worker.once('exit', () => resolve()));
    this.ready = this.started();
  }

  score(
    query: string,
    texts: readonly string[],
    { deadline, signal }: { deadline: number; signal?: AbortSignal | undefined },
  ): Promise<Scored> {
    if (signal?.aborted) return Promise.reject(signal.reason as Error);
    const id = ++this.lastId;
    const scored = new Promise<Scored>((resolve, reject) => this.waiting.set(id, { resolve, reject }));
    this.post({ type: 'score', id, query, texts, deadline });
    return this.untilLate(id, scored, deadline, signal);
  }

  async close(): Promise<void> {
    this.closing = true;
    this.post({ type: 'stop' });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.exit, new Promise((resolve) => (timer = setTimeout(resolve, STOP_MS)))]);
    clearTimeout(timer);
    // Stuck in JavaScript by now, where terminating is safe; it does nothing to a thread that has ended.
    await this.worker.terminate();
  }

  /** Answers at the deadline whatever the thread does; its own answer then only tells the time it took. */
  private async untilLate(
    id: number,
    scored: Promise<Scored>,
    deadline: number,
    signal: AbortSignal | undefined,
  ): Promise<Scored> {
    const left = deadline - (performance.timeOrigin + performance.now());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<Scored>((resolve) => {
      timer = setTimeout(
        () => resolve({ scores: undefined, computeMs: Math.max(0, left) }),
        Math.max(0, left),
      );
    });
    const onAbort = (): void => this.waiting.get(id)?.reject(signal?.reason);
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await Promise.race([scored, late]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      if (this.waiting.delete(id)) this.post({ type: 'cancel', id });
    }
  }

  private started(): Promise<void> {
    const ready = new Promise<void>((resolve, reject) => {
      this.worker.on('message', (message: FromReranker) => {
        if (message.type === 'ready') resolve();
        else if (message.type === 'unusable') reject(new Error(message.detail));
        else this.receive(message);
      });
      let detail = 'its thread ended';
      this.worker.on('error', (error) => (detail = error instanceof Error ? error.message : String(error)));
      this.worker.once('exit', () => {
        process.off('exit', this.onProcessExit);
        reject(new Error(detail));
        for (const waiting of this.waiting.values()) waiting.reject(new Error(detail));
        this.waiting.clear();
        if (!this.closing) this.onLost(detail);
      });
    });
    ready.catch(() => (this.closing = true));
    return ready;
  }

  private receive(message: Exclude<FromReranker, { type: 'ready' | 'unusable' }>): void {
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.type === 'failed') waiting?.reject(new Error(message.detail));
    else waiting?.resolve({ scores: message.scores, computeMs: message.computeMs });
  }

  private post(message: ToReranker): void {
    this.worker.postMessage(message);
  }
}
