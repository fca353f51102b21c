import { setTimeout as sleep } from 'node:timers/promises';
import { Logger } from '@nestjs/common';
import { joinUuids } from '../../common/search/uuid-bytes.js';
import { ThreadLost } from '../../common/threads/thread.js';
import { SharedRun } from '../../common/resilience/shared-run.js';
import { STALE_MS } from '../../database/index-log.js';
import type { IndexHead } from '../../database/index-head.js';
import type { Feedback, VectorHit, VectorIndex, VectorQuery, VectorRecord } from '../vector.types.js';
import type { VectorLog, VectorPage } from '../vector-log.port.js';
import { packFeedback } from './held-feedback.js';
import { readHits, type HeldHits } from './held-hits.js';
import { HeldThread } from './held-thread.js';
import type { HeldSize, HeldTask } from './held.types.js';
import { RetiredVersions } from './retired-versions.js';
import { batchOf, withoutVersions } from './vector-batch.js';

const PAGE_ROWS = 128;
const RETRY_MS = 5000;
const ALONE_MS = 3_600_000;

export interface HeldOptions {
  /** Whether other processes write vectors, which are then read before each query. */
  shared: boolean;
  /** Tells when nothing can have been written or retired since the last look; without it, each query looks. */
  head?: Pick<IndexHead, 'mark'>;
  maxBytes: number;
  /** What the memory of one index can have at most; only tests have it be less. */
  mostBytes?: number;
  /** It needs more than one of these, and is not in memory from now on. */
  onTooLarge?: (index: VectorIndex) => void;
  /** Between looks at what others wrote while nobody asks. */
  pollMs?: number;
}

/** One index in the memory of a thread: loaded in the background, then kept at the state of the database. */
export class HeldIndex {
  private readonly logger = new Logger('VectorIndex');
  private thread = new HeldThread(() => this.lost());
  private state: 'loading' | 'ready' | 'too-large' | 'closed' = 'loading';
  private readonly closing = new AbortController();
  /** Counts the threads that were lost. */
  private generation = 0;
  private sequence = 0;
  private retirement = 0;
  /** What `head` said last. */
  private seenMark: number | undefined;
  /** What it had said when the last look began. */
  private readMark: number | undefined;
  /** When everything up to `retirement` was last known to be all there is. */
  private lookedAt = 0;
  private readonly retired = new RetiredVersions();
  /** Removed while the index was being loaded: a page that was read before may still bring them. */
  private readonly removedMeanwhile = new Set<string>();
  private loading: Promise<void>;
  private heldBytes = 0;
  private readonly looks = new SharedRun(() => this.look());
  private readonly timer: NodeJS.Timeout | undefined;
  private maxBytes: number;

  constructor(
    readonly index: VectorIndex,
    private readonly log: VectorLog,
    private readonly options: HeldOptions,
  ) {
    this.maxBytes = options.maxBytes;
    this.loading = this.load();
    // One that is alone adds what it stores itself; it looks only so as not to be taken for one that slept.
    const everyMs = options.shared ? (options.pollMs ?? 1000) : ALONE_MS;
    this.timer = setInterval(() => void this.follow().catch(() => undefined), everyMs);
    this.timer.unref();
  }

  /** Bytes in use. */
  get bytes(): number {
    return this.heldBytes;
  }

  /** How much memory it may use from now on. */
  allow(maxBytes: number): void {
    this.maxBytes = maxBytes;
  }

  /** Resolves when the first loading ended, well or badly. */
  loaded(): Promise<void> {
    return this.loading;
  }

  /** Takes in what was committed until now, unless nothing can have been. */
  async follow(): Promise<void> {
    if (this.state !== 'ready') return;
    const askedAt = Date.now();
    const mark = await this.options.head?.mark();
    this.seenMark = mark;
    if (mark === undefined || mark !== this.readMark) await this.looks.run();
    else this.lookedAt = askedAt;
  }

  /** Undefined where the index is not in memory, or not yet: then the store itself has to answer. */
  async query(
    vector: Float32Array,
    query: VectorQuery,
    feedback?: Feedback,
  ): Promise<VectorHit[] | undefined> {
    const { include = [] } = query;
    const hits = await this.ask<HeldHits>({
      kind: 'query',
      vector,
      query: { ...query, include: joinUuids(include) },
      ...(feedback && { feedback: packFeedback(feedback) }),
    });
    return hits && readHits(hits, include);
  }

  async scores(vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[] | undefined> {
    const hits = await this.ask<HeldHits>({ kind: 'scores', vector, chunkIds });
    return hits && readHits(hits);
  }

  vectors(chunkIds: readonly string[]): Promise<Map<string, Float32Array> | undefined> {
    return this.ask({ kind: 'vectors', chunkIds });
  }

  /** Takes in what this process has stored. */
  async add(records: readonly VectorRecord[]): Promise<void> {
    for (const { versionId } of records) this.removedMeanwhile.delete(versionId);
    // Of what others may write too, the log tells the order.
    if (this.options.shared || this.state === 'too-large' || this.state === 'closed') return;
    const live = records.filter((record) => !this.retired.has(record.versionId));
    await this.apply({ kind: 'add', batch: batchOf(live, this.index.dimensions) });
  }

  /** The same versions may come again: vectors that were lost are made anew. */
  async removeVersions(versionIds: readonly string[]): Promise<void> {
    if (this.state === 'loading') for (const id of versionIds) this.removedMeanwhile.add(id);
    await this.apply({ kind: 'removeVersions', versionIds });
  }

  async close(): Promise<void> {
    this.state = 'closed';
    this.closing.abort();
    clearInterval(this.timer);
    await this.thread.close();
    await this.loading;
  }

  private async ask<Result>(task: HeldTask): Promise<Result | undefined> {
    if (this.state !== 'ready') return undefined;
    try {
      if (task.kind !== 'query' || !task.query.followed) await this.follow();
      return this.state === 'ready' ? await this.thread.run<Result>(task) : undefined;
    } catch (error) {
      if (error instanceof ThreadLost) return undefined;
      throw error;
    }
  }

  private async load(): Promise<void> {
    while (this.state === 'loading') {
      const { generation } = this;
      try {
        await this.thread.run<HeldSize>({
          kind: 'open',
          dimensions: this.index.dimensions,
          mostBytes: this.options.mostBytes,
        });
        this.check(generation);
        this.sequence = 0;
        this.lookedAt = Date.now();
        const retirement = await this.log.newestRetirement();
        this.check(generation);
        this.retirement = retirement;
        await this.readLog(generation);
        // What was removed while it was being read may have come in after its removal.
        const versionIds = [...this.retired, ...this.removedMeanwhile];
        await this.thread.run({ kind: 'removeVersions', versionIds });
        this.check(generation);
        this.removedMeanwhile.clear();
        this.state = 'ready';
      } catch (error) {
        if (this.state !== 'loading') return;
        this.logger.warn({ err: error }, 'vectors are not in memory yet and are read from the database');
        await sleep(RETRY_MS, undefined, { ref: false, signal: this.closing.signal }).catch(() => undefined);
      }
    }
  }

  private async look(): Promise<void> {
    if (this.state !== 'ready') return;
    const { generation } = this;
    try {
      await this.readLog(generation);
    } catch (error) {
      // It is loaded again, with what this would have read; the store answers meanwhile.
      if (!(error instanceof ThreadLost)) throw error;
    }
  }

  private async readLog(generation: number): Promise<void> {
    const mark = this.seenMark;
    const startedAt = Date.now();
    const { versionIds, sequence } = await this.log.retiredAfter(this.retirement);
    this.check(generation);
    if (Date.now() - this.lookedAt > STALE_MS) {
      // A retirement may have been forgotten in between.
      this.startAgain();
      this.check(generation);
    }
    if (versionIds.length > 0) {
      this.retired.add(versionIds);
      await this.apply({ kind: 'removeVersions', versionIds });
      this.check(generation);
    }
    this.retirement = sequence;
    // A process that is alone adds what it stores itself.
    if (this.options.shared || this.state === 'loading') await this.readVectors(generation);
    this.readMark = mark;
    this.lookedAt = startedAt;
  }

  private async readVectors(generation: number): Promise<void> {
    let page: VectorPage;
    do {
      page = await this.log.vectorsAfter(this.index, this.sequence, PAGE_ROWS);
      this.check(generation);
      if (page.rows > 0) await this.take(page);
      this.check(generation);
      this.sequence = page.sequence;
    } while (page.read === PAGE_ROWS);
  }

  private async take(page: VectorPage): Promise<void> {
    await this.apply({ kind: 'add', batch: withoutVersions(page, this.index.dimensions, this.retired) });
  }

  private async apply(task: HeldTask): Promise<void> {
    if (this.state === 'closed' || this.state === 'too-large') return;
    const transfer = task.kind === 'add' ? [task.batch.ids.buffer, task.batch.vectors.buffer] : [];
    const { bytes, full } = await this.thread.run<HeldSize>(task, transfer as ArrayBuffer[]);
    this.heldBytes = bytes;
    if (full || bytes > this.maxBytes) await this.giveUp();
  }

  /** More than fits: from now on the store answers. */
  private async giveUp(): Promise<void> {
    if (this.state === 'too-large' || this.state === 'closed') return;
    this.state = 'too-large';
    clearInterval(this.timer);
    this.heldBytes = 0;
    await this.thread.close();
    this.options.onTooLarge?.(this.index);
  }

  /** State may be written only for the thread that it is about. */
  private check(generation: number): void {
    if (generation !== this.generation || this.state === 'closed' || this.state === 'too-large')
      throw new ThreadLost('the thread ended meanwhile');
  }

  private lost(): void {
    if (this.state !== 'closed' && this.state !== 'too-large')
      this.logger.error('the thread with the vectors died; they are loaded again');
    this.startAgain();
  }

  /** What is under way is of no use any more; the store answers until it is loaded. */
  private startAgain(): void {
    this.generation++;
    if (this.state === 'closed' || this.state === 'too-large') return;
    const wasReady = this.state === 'ready';
    this.state = 'loading';
    if (wasReady) this.loading = this.load();
  }
}
