import { Injectable } from '@nestjs/common';
import type { Part } from '../common/errors/outages.js';
import { BriefCache } from '../common/resilience/brief-cache.js';
import { Transactions } from '../database/transactions.js';
import { EmbeddingsService } from '../embeddings/embeddings.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { LlmService } from '../llm/llm.service.js';
import { RerankingService } from '../reranking/reranking.service.js';
import { StorageService } from '../storage/storage.service.js';
import { VectorService } from '../vector/vector.service.js';
import type { PartHealth, Parts, PartStatus } from './health.types.js';

const PROBE_MS = 2000;
/** How long an answer holds: everybody may ask, and each part is asked by it. */
const HOLDS_MS = 1000;
const up: PartHealth = { status: 'up', detail: null };

/** Asks each part whether it works, none for longer than two seconds. */
@Injectable()
export class HealthService {
  private readonly known = new BriefCache<Parts>(HOLDS_MS);

  constructor(
    private readonly database: Transactions,
    private readonly vectors: VectorService,
    private readonly embeddings: EmbeddingsService,
    private readonly reranking: RerankingService,
    private readonly llm: LlmService,
    private readonly jobs: JobQueue,
    private readonly files: StorageService,
  ) {}

  /** As they were when asked at most a second ago; callers that come at the same time share the answer. */
  parts(): Promise<Parts> {
    return this.known.get('', () => this.ask());
  }

  private async ask(): Promise<Parts> {
    const [database, vector_store, llm, jobs, files] = await Promise.all([
      this.part('database'),
      this.part('vector_store'),
      this.language(),
      probe(() => this.jobs.ping(), 'degraded'),
      this.part('files'),
    ]);
    return { database, vector_store, encoder: this.encoder(), reranker: this.reranker(), llm, jobs, files };
  }

  /** As it is now. */
  part(name: Part): Promise<PartHealth> {
    if (name === 'database') return probe(() => this.database.ping(), 'down');
    return probe(() => (name === 'files' ? this.pingFiles() : this.vectors.ping()), 'degraded');
  }

  private async pingFiles(): Promise<void> {
    await this.files.ping();
    const reason = await this.files.notOurs();
    if (reason !== null) throw new Error(`the file store is not that of this database: ${reason}`);
  }

  /** Ready means: what is installed answers. A missing encoder or model is declared, not waited for. */
  isReady(parts: Parts): boolean {
    return Object.values(parts).every((part) => part.status !== 'down');
  }

  private encoder(): PartHealth {
    const state = this.embeddings.state();
    if (state.state === 'ready') return up;
    // About to be there within moments: traffic that comes now would be answered by words only.
    return { status: state.state === 'loading' ? 'down' : 'degraded', detail: state.detail };
  }

  private reranker(): PartHealth {
    const state = this.reranking.state();
    if (state.state === 'none') return { status: 'up', detail: 'none configured' };
    if (state.state === 'ready') return up;
    return { status: 'degraded', detail: state.detail };
  }

  private async language(): Promise<PartHealth> {
    const state = await this.llm.state();
    if (state.state === 'ready') return up;
    if (state.state === 'none')
      return { status: 'up', detail: 'none configured; answers are quoted from the documents' };
    return { status: 'degraded', detail: state.detail };
  }
}

async function probe(check: () => Promise<unknown>, otherwise: PartStatus): Promise<PartHealth> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${PROBE_MS / 1000} s`)), PROBE_MS);
    });
    await Promise.race([check(), late]);
    return up;
  } catch (error) {
    return { status: otherwise, detail: (error as Error).message };
  } finally {
    clearTimeout(timer);
  }
}
