import { AppError } from '../../../common/errors/app-error.js';
import type { EmbedOptions } from '../../embeddings.types.js';
import type { LoadOptions } from '../../models.types.js';
import type { Job, PoolItem } from './encoder-pool.types.js';
import { EncoderThread, type ThreadEvents } from './encoder-thread.js';
import { PassageQueue } from './passage-queue.js';

/** Estimated tokens under way in one thread: enough to choose texts of like length from, half a second of work. */
const FEED = 2_000;
/** From this many waiting tokens on a bulk thread is worth its start and memory; each further one doubles it. */
const BULK_FROM = 1_500;
/** A thread that has seen a query this recently is kept for the next ones. */
const QUERY_WINDOW_MS = 2_000;
const BULK_IDLE_MS = 20_000;
const BULK_NICENESS = 10;
/** After a bulk thread could not start, the first thread does the work alone for this long. */
const BULK_RETRY_MS = 60_000;

const unavailable = (detail: string): AppError =>
  new AppError('encoder_unavailable', `The encoder failed: ${detail}`);

/** A query, or a passage that somebody waits for. */
const goesFirst = ({ kind, urgent }: Pick<PoolItem, 'kind' | 'urgent'>): boolean =>
  kind === 'query' || urgent;

/**
 * Shares out texts among encoder threads. The first thread stays for the life of the pool and takes queries
 * at once, and passages that somebody waits for; others wait in a queue. Bulk threads have a lower priority with the system, start when the queue
 * grows, and end after 20 idle seconds. While queries come in, the first thread takes no passages unless it is
 * the only one; where it does, queries still go in front of the next run.
 */
export class EncoderPool {
  private first: EncoderThread<PoolItem>;
  private bulk: EncoderThread<PoolItem>[] = [];
  private readonly passages = new PassageQueue();
  /** Queries and urgent passages that came before the first thread was ready. */
  private waitingFirst: PoolItem[] = [];
  private lastFirstAt = 0;
  private bulkBlockedUntil = 0;
  private nextId = 1;
  private broken: string | undefined;
  private closed = false;
  private readonly reaper: NodeJS.Timeout;
  private readonly onProcessExit = (): void => {
    for (const thread of [this.first, ...this.bulk]) thread.holdBack();
  };

  /** Starts the first thread; await `ready` before use. */
  constructor(private readonly options: LoadOptions) {
    this.first = this.startThread(0);
    process.on('exit', this.onProcessExit);
    this.reaper = setInterval(() => this.reap(), 1_000).unref();
  }

  /** Rejects with a plain `Error` saying why the model cannot be used. */
  get ready(): Promise<void> {
    return this.first.ready;
  }

  /** Numbers of the threads that run now, for operators and tests. */
  threadIds(): number[] {
    return [this.first, ...this.bulk].map((thread) => thread.threadId);
  }

  run(texts: readonly string[], { kind, urgent = false, signal }: EmbedOptions): Promise<Float32Array[]> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.broken !== undefined || this.closed)
      return Promise.reject(unavailable(this.broken ?? 'it is shut down'));
    if (texts.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.abort(items, signal?.reason);
      const finish = (): void => signal?.removeEventListener('abort', onAbort);
      const job: Job = {
        vectors: [],
        left: texts.length,
        settled: false,
        resolve: (vectors) => (finish(), resolve(vectors)),
        reject: (reason) => (finish(), reject(reason)),
      };
      const items = texts.map((text, position): PoolItem => {
        return {
          id: this.nextId++,
          kind,
          urgent,
          text,
          position,
          job,
          attempts: 0,
          cost: Math.ceil(text.length / 4) + 2,
        };
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      if (goesFirst({ kind, urgent })) this.addFirst(items);
      else this.passages.add(items);
      this.pump();
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.reaper);
    const threads = [this.first, ...this.bulk];
    const under = threads.flatMap((thread) => thread.items());
    for (const item of [...under, ...this.takeWaiting()]) this.fail(item, unavailable('it is shut down'));
    await Promise.all(threads.map((thread) => thread.stop()));
    process.off('exit', this.onProcessExit);
  }

  private addFirst(items: PoolItem[]): void {
    this.lastFirstAt = Date.now();
    if (this.first.isReady) this.first.send(items);
    else this.waitingFirst = this.waitingFirst.concat(items);
  }

  private pump(): void {
    if (this.closed) return;
    if (this.first.isReady && this.waitingFirst.length > 0) this.first.send(this.waitingFirst.splice(0));
    for (const thread of this.passageThreads()) {
      if (thread.outstanding < FEED) thread.send(this.passages.take(FEED - thread.outstanding));
    }
    this.startBulkThreads();
  }

  /** Least busy first, so that a short queue is shared out evenly. */
  private passageThreads(): EncoderThread<PoolItem>[] {
    const threads = this.bulk.filter((thread) => thread.isReady);
    const reserved = threads.length > 0 && Date.now() - this.lastFirstAt < QUERY_WINDOW_MS;
    if (this.first.isReady && !reserved) threads.push(this.first);
    return threads.sort((a, b) => a.outstanding - b.outstanding);
  }

  private startBulkThreads(): void {
    const most = this.options.workers - 1;
    const wanted = Math.min(most, Math.floor(this.passages.cost / BULK_FROM));
    if (this.bulk.length >= wanted || Date.now() < this.bulkBlockedUntil) return;
    while (this.bulk.length < wanted) {
      const thread = this.startThread(BULK_NICENESS);
      this.bulk.push(thread);
      thread.ready.catch(() => {
        this.bulk = this.bulk.filter((other) => other !== thread);
        this.bulkBlockedUntil = Date.now() + BULK_RETRY_MS;
        this.pump();
      });
    }
  }

  private startThread(niceness: number): EncoderThread<PoolItem> {
    const events: ThreadEvents<PoolItem> = {
      vector: (item, vector) => this.deliver(item, vector),
      failed: (item, detail) => this.retry([item], detail),
      crashed: (lost, detail) => this.replace(thread, lost, detail),
      progressed: () => this.pump(),
    };
    const { modelDir, model } = this.options;
    const thread: EncoderThread<PoolItem> = new EncoderThread({ modelDir, model, niceness }, events);
    void thread.ready.then(
      () => this.pump(),
      () => undefined,
    );
    return thread;
  }

  /** A thread has died. What it was doing is tried once more, on a new one where it was the first. */
  private replace(thread: EncoderThread<PoolItem>, lost: PoolItem[], detail: string): void {
    if (this.closed) return;
    if (thread === this.first) {
      // One that never came up would only fail again.
      if (!thread.wasReady) return this.breakDown(detail, lost);
      this.first = this.startThread(0);
      this.first.ready.catch((error: Error) => this.breakDown(error.message, []));
    } else this.bulk = this.bulk.filter((other) => other !== thread);
    this.retry(lost, detail);
  }

  private retry(items: PoolItem[], detail: string): void {
    const again = items.filter((item) => !item.job.settled && ++item.attempts < 2);
    for (const item of items) if (item.attempts >= 2) this.fail(item, unavailable(detail));
    this.waitingFirst = this.waitingFirst.concat(again.filter(goesFirst));
    this.passages.putBack(again.filter((item) => !goesFirst(item)));
    this.pump();
  }

  private breakDown(detail: string, lost: PoolItem[]): void {
    if (this.broken !== undefined || this.closed) return;
    this.broken = detail;
    for (const item of [...lost, ...this.takeWaiting()]) this.fail(item, unavailable(detail));
    this.options.onBroken?.(detail);
  }

  private takeWaiting(): PoolItem[] {
    return [...this.waitingFirst.splice(0), ...this.passages.take(Number.POSITIVE_INFINITY)];
  }

  private deliver(item: PoolItem, vector: Float32Array): void {
    const { job } = item;
    if (job.settled) return;
    job.vectors[item.position] = vector;
    if (--job.left > 0) return;
    job.settled = true;
    job.resolve(job.vectors);
  }

  /** The first failure of a text decides its whole request; its other texts are not worth computing. */
  private fail(item: PoolItem, reason: unknown): void {
    if (item.job.settled) return;
    item.job.settled = true;
    item.job.reject(reason);
  }

  private abort(items: PoolItem[], reason: unknown): void {
    const [item] = items;
    if (!item || item.job.settled) return;
    this.fail(item, reason);
    this.waitingFirst = this.waitingFirst.filter((waiting) => !waiting.job.settled);
    this.passages.dropSettled();
    const ids = items.map(({ id }) => id);
    for (const thread of [this.first, ...this.bulk]) thread.cancel(ids);
  }

  private reap(): void {
    const over = (thread: EncoderThread<PoolItem>): boolean =>
      thread.isReady && thread.outstanding === 0 && Date.now() - thread.idleSince >= BULK_IDLE_MS;
    const ending = this.bulk.filter(over);
    if (ending.length === 0) return;
    this.bulk = this.bulk.filter((thread) => !ending.includes(thread));
    for (const thread of ending) void thread.stop();
  }
}
