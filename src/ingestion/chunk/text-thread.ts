import { Worker } from 'node:worker_threads';
import { AppError } from '../../common/errors/app-error.js';
import { workerUrl } from '../../common/worker-url.js';
import type { TextReply, TextRequest, TextResult, TextTask, TextWorkerData } from './text-worker.types.js';

const IDLE_MS = 30_000;
const DEFAULT_HEAP_MB = 1024;
/** Texts that wait are sent together up to this many characters: a message has a price of its own. */
const BATCH_CHARACTERS = 1_000_000;

type Order = Pick<TextRequest, 'maxTokens' | 'modelDir'>;

interface Job {
  tasks: TextTask[];
  order: Order;
  characters: number;
  /** Once a batch has crashed, each of its jobs is tried by itself to find the one at fault. */
  alone: boolean;
  resolve(results: TextResult[]): void;
  reject(error: Error): void;
}

const sizeOf = (task: TextTask): number => ('text' in task ? task.text : task.extracted.text).length;

const stopped = (): AppError => new AppError('service_unavailable', 'The server is shutting down.');

/** A worker thread that is there while it is needed. One message is under way at a time, so a crash names its jobs. */
export class TextThread {
  private readonly queue: Job[] = [];
  private worker: Worker | undefined;
  private current: Job[] | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private lastId = 0;
  private closed = false;

  /**
   * `heapMb`: most megabytes of the thread's heap; above it the thread dies, not the process. `background`: its work
   * takes the processors that nothing else wants.
   */
  constructor(private readonly options: { heapMb?: number; background?: boolean } = {}) {}

  /**
   * Results in order. @throws Error when the thread dies of these very texts, AppError `service_unavailable` once it is closed
   */
  run(tasks: TextTask[], order: Order): Promise<TextResult[]> {
    if (tasks.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      if (this.closed) return reject(stopped());
      const characters = tasks.reduce((sum, task) => sum + sizeOf(task), 0);
      this.queue.push({ tasks, order, characters, alone: false, resolve, reject });
      this.next();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.idleTimer);
    for (const job of [...(this.current ?? []), ...this.queue.splice(0)]) job.reject(stopped());
    this.current = undefined;
    await this.worker?.terminate();
  }

  private next(): void {
    if (this.current || this.closed) return;
    const batch = this.takeBatch();
    const [first] = batch;
    if (!first) return this.rest();
    clearTimeout(this.idleTimer);
    this.current = batch;
    this.worker ??= this.start();
    this.worker.ref();
    this.worker.postMessage({
      id: ++this.lastId,
      tasks: batch.flatMap((job) => job.tasks),
      ...first.order,
    } satisfies TextRequest);
  }

  private takeBatch(): Job[] {
    const batch: Job[] = [];
    let characters = 0;
    for (let job = this.queue[0]; job; job = this.queue[0]) {
      const first = batch[0];
      const fits = characters + job.characters <= BATCH_CHARACTERS && !job.alone && !first?.alone;
      const alike =
        first?.order.maxTokens === job.order.maxTokens && first.order.modelDir === job.order.modelDir;
      if (first && !(fits && alike)) break;
      batch.push(job);
      characters += job.characters;
      this.queue.shift();
    }
    return batch;
  }

  private start(): Worker {
    const worker = new Worker(workerUrl(import.meta.url, 'text.worker.js'), {
      resourceLimits: { maxOldGenerationSizeMb: this.options.heapMb ?? DEFAULT_HEAP_MB },
      workerData: { background: this.options.background ?? false } satisfies TextWorkerData,
    });
    let fault = new Error('the text thread ended');
    worker.on('message', (reply: TextReply) => this.settle(reply));
    worker.on('error', (error: Error) => (fault = error));
    worker.on('exit', () => this.ended(worker, fault));
    return worker;
  }

  private settle(reply: TextReply): void {
    const jobs = this.current;
    if (!jobs || reply.id !== this.lastId) return;
    this.current = undefined;
    if ('error' in reply) this.failed(jobs, new Error(reply.error));
    else for (const job of jobs) job.resolve(reply.results.splice(0, job.tasks.length));
    this.next();
  }

  private ended(worker: Worker, fault: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    const jobs = this.current ?? [];
    this.current = undefined;
    this.failed(jobs, fault);
    this.next();
  }

  private failed(jobs: Job[], error: Error): void {
    if (jobs.length === 1) jobs[0]!.reject(error);
    else this.queue.unshift(...jobs.map((job) => ({ ...job, alone: true })));
  }

  private rest(): void {
    // An idle thread must not keep the process alive, nor its memory taken for long.
    this.worker?.unref();
    this.idleTimer = setTimeout(() => {
      const { worker } = this;
      this.worker = undefined;
      void worker?.terminate();
    }, IDLE_MS);
    this.idleTimer.unref();
  }
}
