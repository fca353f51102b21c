import path from 'node:path';
import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { CpuBudget } from './cpu-budget.js';
import { RerankerLoader, type Reranker } from './reranker.port.js';
import type { Reranked, RerankerState } from './reranking.types.js';

/** After it could not be loaded or was lost, it is tried again with the first query that comes this much later. */
const RETRY_MS = 30_000;
/** Until the first measurement: rather too much than a first query that is late. */
const FIRST_GUESS_MS_PER_CHARACTER = 0.02;
/** Weight of the newest measurement. */
const LEARNING = 0.2;

/**
 * The optional second opinion about the best candidates. It may never make a query late: what would not be done in
 * time, or would take more computing time than is allowed, is not begun, and the query goes on without it.
 */
@Injectable()
export class RerankingService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Reranker');
  private readonly budget: CpuBudget;
  private reranker: Reranker | undefined;
  private current: RerankerState = { state: 'none' };
  private triedAt = Number.NEGATIVE_INFINITY;
  private msPerCharacter = FIRST_GUESS_MS_PER_CHARACTER;
  /** Milliseconds of computation that were promised and not done yet. */
  private ahead = 0;
  private closed = false;

  constructor(
    private readonly settings: Settings,
    private readonly loader: RerankerLoader,
  ) {
    this.budget = new CpuBudget(settings.rerankerCpu / 100);
  }

  /** Candidates that are read again; 0 without a reranker. */
  get candidates(): number {
    return this.settings.rerankerModel === undefined ? 0 : this.settings.rerankerCandidates;
  }

  /** Null while it is not ready. */
  get modelId(): string | null {
    return this.reranker?.modelId ?? null;
  }

  state(): RerankerState {
    return this.current;
  }

  onApplicationBootstrap(): void {
    if (this.settings.rerankerModel !== undefined) void this.load();
  }

  async onApplicationShutdown(): Promise<void> {
    this.closed = true;
    await this.reranker?.close();
  }

  /** Scores in the order of the texts, or why there are none. @throws the reason of `signal` */
  async rerank(query: string, texts: readonly string[], signal?: AbortSignal): Promise<Reranked> {
    if (!this.reranker && performance.now() - this.triedAt > RETRY_MS) void this.load();
    const { reranker } = this;
    if (!reranker) return { skipped: 'reranker_unavailable' };
    const size = texts.reduce((sum, text) => sum + text.length + query.length, 0);
    const expected = size * this.msPerCharacter;
    if (!this.budget.allows(this.ahead + expected)) return { skipped: 'reranker_busy' };
    const allowed = this.settings.rerankerTimeout * 1000;
    if (this.ahead + expected > allowed) return this.tooMuch(expected, allowed);
    return this.score(reranker, query, texts, { size, expected, allowed, signal });
  }

  /** Nothing else would ever correct an estimate that lets nothing through. */
  private tooMuch(expected: number, allowed: number): Reranked {
    if (expected > allowed) this.msPerCharacter *= 1 - LEARNING / 10;
    return { skipped: 'reranker_late' };
  }

  private async score(
    reranker: Reranker,
    query: string,
    texts: readonly string[],
    about: { size: number; expected: number; allowed: number; signal: AbortSignal | undefined },
  ): Promise<Reranked> {
    const { size, expected, allowed, signal } = about;
    const deadline = performance.timeOrigin + performance.now() + allowed;
    this.ahead += expected;
    try {
      const { scores, computeMs } = await reranker.score(query, texts, { deadline, signal });
      this.budget.spend(computeMs);
      // Of work that was broken off the whole is not known, only that it is more.
      const measured = Math.max(computeMs, scores ? 0 : expected * 2) / Math.max(1, size);
      this.msPerCharacter += LEARNING * (measured - this.msPerCharacter);
      return scores?.every(Number.isFinite)
        ? { scores }
        : { skipped: scores ? 'reranker_unavailable' : 'reranker_late' };
    } catch (error) {
      if (signal?.aborted) throw error;
      this.logger.warn({ err: error }, 'a query went on without the reranker');
      return { skipped: 'reranker_unavailable' };
    } finally {
      this.ahead -= expected;
    }
  }

  private async load(): Promise<void> {
    const { modelsDir, rerankerModel: modelId } = this.settings;
    if (modelId === undefined || this.current.state === 'loading') return;
    this.triedAt = performance.now();
    this.current = { state: 'loading', detail: `${modelId} is being loaded.` };
    try {
      const reranker = await this.loader.load(
        { modelDir: path.join(modelsDir, modelId), modelId },
        (detail) => this.lose(detail),
      );
      if (this.closed) return await reranker.close();
      this.reranker = reranker;
      this.current = { state: 'ready' };
      this.logger.log(`${modelId} is ready`);
    } catch (error) {
      this.lose((error as Error).message);
    }
  }

  private lose(detail: string): void {
    this.reranker = undefined;
    if (this.closed) return;
    this.current = { state: 'failed', detail: `${this.settings.rerankerModel} cannot be used: ${detail}` };
    this.logger.warn(`${this.current.detail}; results keep the order that they have without it`);
  }
}
