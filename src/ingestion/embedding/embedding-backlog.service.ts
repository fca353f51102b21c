import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { atMost } from '../../common/resilience/at-most.js';
import { GrowingPause } from '../../common/resilience/growing-pause.js';
import { Settings } from '../../config/settings.js';
import { EMBED_JOB } from '../../documents/publishing/document-publishing.service.js';
import { EmbeddingsService } from '../../embeddings/embeddings.service.js';
import type { EncoderState } from '../../embeddings/embeddings.types.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { VectorService } from '../../vector/vector.service.js';
import type { VectorIndex } from '../../vector/vector.types.js';
import { EmbeddingBacklogRepository } from './embedding-backlog.repository.js';
import { EmbeddingTroubles } from './embedding-troubles.service.js';
import { CLAIM_SECONDS, EmbeddingTurn } from './embedding-turn.service.js';
import { keeping } from './kept-claim.js';
import { Successors } from './successors.service.js';
import { VersionWaiters } from './version-waiters.js';

const EXTEND_MS = 6_000;
/** While one lane stores its vectors, the other keeps the encoder busy. A third costs memory and brings little. */
const LANES = 2;
const POLL_MS = 250;
/** How often somebody looks whether a claim lapsed, or the pause of a version that failed is over. */
const LOOK_MS = 5_000;
/** Longest pause before an encoder or a store that is down is asked again, unless something new comes. */
const MOST_PAUSE_MS = 60_000;
/** What a stop waits for work that is held up elsewhere, as by a store that fell silent. */
const STOP_MS = 3_000;

/**
 * Fills in vectors. The backlog table says what is missing, so nothing is lost with a process; this one is
 * woken by whoever publishes, by a job that survives crashes, and by the arrival of the encoder.
 */
@Injectable()
export class EmbeddingBacklog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Embedding');
  private readonly waiters = new VersionWaiters();
  private readonly stopping = new AbortController();
  private index: Promise<VectorIndex | null> | undefined;
  private readonly lanes = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  /** Whether something may wait that cannot be claimed yet. Where nobody else works, nothing does at first. */
  private leftOver: boolean;
  private readonly pause = new GrowingPause(LOOK_MS, MOST_PAUSE_MS);
  /** Counts calls of `drain`: a lane that found nothing looks again when one came while it looked. */
  private requests = 0;

  constructor(
    private readonly repository: EmbeddingBacklogRepository,
    private readonly embeddings: EmbeddingsService,
    private readonly vectors: VectorService,
    private readonly turn: EmbeddingTurn,
    private readonly troubles: EmbeddingTroubles,
    private readonly successors: Successors,
    private readonly settings: Settings,
    jobs: JobQueue,
  ) {
    this.leftOver = !settings.embedded;
    jobs.define<object>({
      name: EMBED_JOB,
      single: true,
      retries: 1000,
      expireSeconds: 3600,
      everySeconds: 60,
      run: () => this.drain(),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.works) return;
    if (this.settings.embedded) await this.repository.releaseAll();
    this.embeddings.onReady(() => this.reopen());
    this.timer = setInterval(() => void this.lookAgain(), LOOK_MS).unref();
    this.wake();
  }

  private get works(): boolean {
    return this.settings.processRole !== 'api';
  }

  /** Another index may answer now; goes on with that one. */
  reopen(): void {
    this.index = undefined;
    this.settleWhole().catch((error: unknown) => this.logger.debug({ err: error }, 'waiters were not told'));
    this.wake();
  }

  /** The index that took over may hold what somebody waits for. */
  private async settleWhole(): Promise<void> {
    const ids = this.waiters.ids();
    if (ids.length === 0) return;
    const waiting = new Set(await this.repository.stillWaiting(ids));
    this.waiters.settle(ids.filter((id) => !waiting.has(id)));
  }

  /** Starts working on the backlog unless this process already does; failures are retried by the job. */
  wake(): void {
    if (!this.works) return;
    this.drain().catch((error: unknown) => {
      if (!this.stopping.signal.aborted)
        this.logger.warn({ err: error }, 'making vectors failed; it will be tried again');
    });
  }

  /**
   * Waits until the vectors of these versions are there, at most `ms` milliseconds.
   * @returns those that are still missing some
   */
  async wait(versionIds: readonly string[], ms: number): Promise<Set<string>> {
    if (ms <= 0 || this.encoderState().state !== 'ready') return new Set(versionIds);
    const look = (): Promise<string[]> => this.repository.stillWaiting(versionIds);
    return this.waiters.wait(versionIds, ms, { look, everyMs: this.works ? undefined : POLL_MS });
  }

  /** Versions in the backlog. */
  pending(): Promise<number> {
    return this.repository.pending();
  }

  /** Lines up what the index lacks and nobody makes: a repair, on schedule. */
  async lineUpMissing(): Promise<void> {
    if (this.encoderState().state !== 'ready') return;
    const index = await this.currentIndex();
    const missing =
      (await this.successors.lineUp()) + (index ? await this.repository.fill(index.id, false) : 0);
    if (missing > 0) this.wake();
  }

  /** Has the encoder asked again for what it refused. */
  async tryRefusedAgain(): Promise<void> {
    const index = await this.vectors.activeIndex();
    if (index) await this.repository.forgetRefusals(index.id);
    await this.lineUpMissing();
  }

  /** What a lost process held and what was put off is nobody's: no one is woken for it. */
  private async lookAgain(): Promise<void> {
    if (this.lanes.size > 0 || this.looking || !this.leftOver || !this.pause.isOver(Date.now())) return;
    if (this.encoderState().state !== 'ready') return;
    this.looking = true;
    try {
      const { waiting, claimable } = await this.repository.look();
      if (this.settings.embedded) this.leftOver = waiting;
      if (claimable) this.wake();
    } catch (error) {
      this.logger.debug(`what waits for vectors was not looked up: ${String(error)}`);
    } finally {
      this.looking = false;
    }
  }

  private async drain(): Promise<void> {
    const { state } = this.encoderState();
    if (state !== 'ready') {
      if (state === 'loading') return;
      await this.successors.showAll();
      await this.repository.settleWithoutEncoder();
      return;
    }
    this.requests++;
    const index = await this.currentIndex();
    if (!index) return;
    while (this.lanes.size < LANES) {
      const lane: Promise<void> = this.lane(index).finally(() => this.lanes.delete(lane));
      this.lanes.add(lane);
    }
    // Also those that others began: while this process works, a job of it is active, and is missed when it is lost.
    await Promise.all(this.lanes);
  }

  /** Of the encoder that makes the vectors of documents. */
  private encoderState(): EncoderState {
    return this.embeddings.stateOf(this.embeddings.chosenInfo().modelId);
  }

  /**
   * The index of the encoder that is there now; lines up what it lacks when it was not the active one. Null where
   * another encoder's index answers: which encoder is chosen follows within a moment.
   */
  private currentIndex(): Promise<VectorIndex | null> {
    this.index ??= this.openIndex().catch((error: unknown) => {
      this.index = undefined;
      throw error;
    });
    return this.index;
  }

  private async openIndex(): Promise<VectorIndex | null> {
    const state = this.encoderState();
    if (state.state !== 'ready') throw new AppError('encoder_unavailable', state.detail);
    // In whatever store: what was counted in another one is not in this.
    const before = (await this.vectors.list()).find((one) => one.state === 'active');
    const index = await this.vectors.ensureIndex(state.encoder);
    if (!index) {
      this.index = undefined;
      return null;
    }
    const missing = await this.repository.fill(index.id, before !== undefined && before.id !== index.id);
    if (missing > 0) this.logger.log(`${missing} documents wait for vectors of ${index.modelId}`);
    return index;
  }

  private async lane(index: VectorIndex): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const requests = this.requests;
      const claimed = await this.repository.claim(this.troubles.atOnce, CLAIM_SECONDS);
      if (claimed.length === 0 && requests === this.requests) return;
      if (claimed.length === 0) continue;
      try {
        const extend = (): Promise<void> => this.repository.extend(claimed, CLAIM_SECONDS);
        const { signal } = this.stopping;
        const whole = (versionIds: readonly string[]): void => this.waiters.settle(versionIds);
        const live = await keeping(extend, EXTEND_MS, () =>
          this.turn.take({ index, claimed, signal, whole }),
        );
        if (!live) return await this.outdated(claimed);
        this.troubles.passed();
        this.pause.passed();
      } catch (error) {
        this.leftOver = true;
        await this.failed(index, claimed, error);
      }
    }
  }

  /** @throws the error where going on at once is no use */
  private async failed(index: VectorIndex, claimed: readonly string[], error: unknown): Promise<void> {
    try {
      await this.troubles.failed(index, claimed, error, this.stopping.signal);
    } catch (reason) {
      this.pause.failed(Date.now());
      throw reason;
    }
  }

  /** The index that was worked on answers no more. */
  private async outdated(claimed: readonly string[]): Promise<void> {
    this.index = undefined;
    await this.repository.release(claimed);
    await this.vectors.refresh();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    clearInterval(this.timer);
    this.waiters.settleAll();
    await atMost(STOP_MS, this.lanes);
  }
}
