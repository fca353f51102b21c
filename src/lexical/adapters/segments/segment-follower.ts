import { Logger } from '@nestjs/common';
import { AppError } from '../../../common/errors/app-error.js';
import { SharedRun } from '../../../common/resilience/shared-run.js';
import type { IndexHead } from '../../../database/index-head.js';
import { STALE_MS } from '../../../database/index-log.js';
import { ThreadLost } from '../../../common/threads/thread.js';
import { SearchThread } from './search-thread.js';
import type { SearchTask, SequenceRange } from '../../engine/search.types.js';
import { isOfAnotherVersion } from '../../engine/segment/segment.js';
import { batches, buffersOf, fetchItems, isSegment } from './log-items.js';
import type { SegmentLog, SegmentRow } from './segment-log.js';
import { SegmentRepairs } from './segment-repairs.js';
import { LEAST_REPLACED } from '../../engine/held/take-over.js';

/** Seconds. */
const RETRY_AFTER = 30;
const ATTEMPTS = 20;
const REPAIR_PAUSE_MS = 30_000;
/** Smaller segments are merged in memory. */
const ADOPTED_BYTES = 1024 * 1024;

/** Keeps the search thread at the state of the database: reads what was committed and hands it over. */
export class SegmentFollower {
  /** Segments that were read since the last look at whether to merge. */
  unmerged = 0;
  private readonly logger = new Logger('LexicalIndex');
  private readonly thread = new SearchThread((error) => this.lost(error));
  /** Everything up to this number is in the thread. */
  private sequence = 0;
  /** When everything up to `sequence` was last known to be all there is; 0 while loading. */
  private readAt = 0;
  /** What `head` said last. */
  private seenMark: number | undefined;
  /** What it had said when the last read began. */
  private readMark: number | undefined;
  private cleared = false;
  private generation = 0;
  private closed = false;
  private reloadAt = Infinity;
  private readonly reads = new SharedRun(() => this.follow());
  private readonly repairs: SegmentRepairs;

  /**
   * `repair` indexes again what is in no healthy segment, and removes the damaged ones. Without `head`, each query reads.
   */
  constructor(
    private readonly log: SegmentLog,
    repair: (damaged: readonly SegmentRow[], signal: AbortSignal) => Promise<void>,
    private readonly head?: Pick<IndexHead, 'mark'>,
  ) {
    this.repairs = new SegmentRepairs(repair, (error) => {
      this.logger.error({ err: error }, 'indexing the documents of damaged segments failed');
      this.reloadAt = Date.now() + REPAIR_PAUSE_MS;
    });
  }

  /** Whether what damaged segments held is being indexed again. */
  get repairing(): boolean {
    return this.repairs.underWay;
  }

  /** Whether something is missing in memory. */
  get isIncomplete(): boolean {
    return this.repairs.lacking > 0;
  }

  /** Resolves when no repair is under way. */
  repaired(): Promise<void> {
    return this.repairs.ended();
  }

  /**
   * Runs a task on an index that holds everything committed before this call, but for what a repair that takes long has
   * not come to. @throws AppError `service_unavailable` where that is most of it
   */
  run<Result>(task: SearchTask): Promise<Result> {
    return this.attempt(async () => {
      const { completed } = this.repairs;
      await this.catchUp();
      await this.repairs.endedSoon();
      // One that ended may have stored more since.
      if (this.repairs.completed !== completed) await this.catchUp();
      if (this.repairs.lacking > 0) await this.assertUseful(this.repairs.lacking);
      return await this.runNow<Result>(task);
    });
  }

  /** Of these versions, those that no healthy segment holds. */
  missing(versionIds: readonly string[]): Promise<string[]> {
    return this.attempt(async () => {
      await this.catchUp();
      return await this.runNow<string[]>({ kind: 'missing', versionIds });
    });
  }

  /** As `run`, but for what was committed since the thread last read: that may be missing. */
  async runAsLast<Result>(task: SearchTask): Promise<Result> {
    if (this.readAt > 0)
      try {
        return await this.thread.run<Result>(task);
      } catch (error) {
        // What the last query found is gone with the thread: a new one has to read it first.
        if (!(error instanceof ThreadLost)) throw error;
      }
    return await this.run(task);
  }

  /** Runs a task on the index as it stands. @throws ThreadLost */
  async runNow<Result>(task: SearchTask): Promise<Result> {
    // The thread may have died since it was loaded, and a new one would be empty.
    if (this.readAt === 0) throw new ThreadLost('the index is not loaded');
    return await this.thread.run<Result>(task);
  }

  private async attempt<Result>(work: () => Promise<Result>): Promise<Result> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof ThreadLost) || this.closed || attempt > 0) throw this.unavailable(error);
      }
    }
  }

  private async catchUp(): Promise<void> {
    if (!(await this.isCurrent())) await this.sync();
  }

  /** A ranking by the words of less than half would mislead more than none. */
  private async assertUseful(lacking: number): Promise<void> {
    const held = await this.runNow<number>({ kind: 'count' });
    if (held < lacking)
      throw new AppError('service_unavailable', 'The word index is being made anew.', {
        retryAfter: RETRY_AFTER,
      });
  }

  /** Whether reading again could find nothing: nobody has committed since. */
  private async isCurrent(): Promise<boolean> {
    const askedAt = Date.now();
    const mark = await this.head?.mark();
    this.seenMark = mark;
    if (mark === undefined || mark !== this.readMark || Date.now() >= this.reloadAt) return false;
    this.readAt = askedAt;
    return true;
  }

  /** Reads what was committed before the call. Calls that arrive before a read starts share it. */
  sync(): Promise<void> {
    return this.reads.run();
  }

  /** Holds large segments that were merged in the database instead of the many small ones that it has read. */
  async adopt(leastBytes = ADOPTED_BYTES): Promise<void> {
    await this.sync();
    const rows = (await this.log.list()).filter(
      (row) => row.size >= leastBytes && row.chunks > 0 && row.retiredThrough <= this.sequence,
    );
    for (const row of rows) {
      const ranges = await this.thread.run<SequenceRange[]>({ kind: 'ranges' });
      const covered = ranges.filter(({ first, last }) => row.first <= first && last <= row.last);
      if (covered.length < LEAST_REPLACED) continue;
      const [item] = (await fetchItems(this.log, [row])) ?? [];
      if (item?.kind === 'segment') await this.thread.run({ kind: 'adopt', item }, [item.bytes]);
    }
  }

  /** The next read loads everything afresh, unless what is damaged is being repaired. */
  reload(): void {
    if (!this.repairing) this.reloadAt = 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.repairs.cancel();
    await this.thread.close();
    await this.reads.ended();
  }

  private async follow(): Promise<void> {
    const generation = this.generation;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await this.step(generation)) return;
    }
    throw new AppError('service_unavailable', 'The word index changes faster than it can be read.');
  }

  /** False when it has to be done again. */
  private async step(generation: number): Promise<boolean> {
    this.check(generation);
    const startedAt = Date.now();
    const mark = this.seenMark;
    const stale = this.readAt > 0 && startedAt - this.readAt > STALE_MS;
    if (stale || startedAt > this.reloadAt) this.reset();
    if (!this.cleared) {
      await this.thread.run({ kind: 'clear' });
      this.check(generation);
      this.cleared = true;
    }
    const whole = this.sequence === 0;
    const rows = await this.log.after(this.sequence, !whole);
    this.check(generation);
    const damaged: SegmentRow[] = [];
    const outdated = new Set<number>();
    for (const batch of batches(rows)) {
      const items = await fetchItems(this.log, batch);
      this.check(generation);
      if (items === undefined) {
        // Those that were read so far would not be read again.
        if (damaged.length > 0) this.reset();
        return false;
      }
      for (const item of items)
        if (item.kind === 'segment' && isOfAnotherVersion(item.bytes)) outdated.add(item.sequence);
      const bad = await this.thread.run<number[]>({ kind: 'apply', items }, buffersOf(items));
      this.check(generation);
      damaged.push(...batch.filter(isSegment).filter((row) => bad.includes(row.sequence)));
      this.sequence = batch.at(-1)!.sequence;
      this.unmerged += items.filter((item) => item.kind === 'segment').length;
    }
    if (damaged.length > 0 && !whole) {
      // What is missing can be told only when nothing but healthy segments of the database is in memory.
      this.reset();
      return false;
    }
    this.readAt = startedAt;
    this.readMark = mark;
    if (damaged.length > 0) this.handleDamage(damaged, outdated);
    return true;
  }

  /** `outdated`: another version of the program has written them. */
  private handleDamage(damaged: readonly SegmentRow[], outdated: ReadonlySet<number>): void {
    const broken = damaged.filter((row) => !outdated.has(row.sequence));
    if (broken.length > 0) {
      const names = broken.map((row) => `${row.first}-${row.last}`).join(', ');
      this.logger.error(`segments ${names} are damaged; their documents are indexed again`);
    } else this.logger.log('the word index is of another version of the program and is made anew');
    this.repairs.begin(damaged);
  }

  /** State may be written only for the thread that it is about. */
  private check(generation: number): void {
    if (this.closed || generation !== this.generation) throw new ThreadLost('the thread ended meanwhile');
  }

  private reset(): void {
    this.repairs.cancel();
    this.sequence = 0;
    this.readAt = 0;
    this.readMark = undefined;
    this.cleared = false;
    this.reloadAt = Infinity;
  }

  private lost(error: Error): void {
    this.generation++;
    this.reset();
    if (!this.closed) this.logger.error(`the search thread died and is started again: ${error.message}`);
  }

  private unavailable(error: unknown): unknown {
    return error instanceof ThreadLost
      ? new AppError('service_unavailable', 'The word index is not available at the moment.', {
          cause: error,
        })
      : error;
  }
}
