import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { VectorService } from '../../vector/vector.service.js';
import { RebuildRepository } from './rebuild.repository.js';
import { rebuildJob } from './rebuild-runner.service.js';
import type { Rebuildable, RebuildRow, RebuildState } from './rebuild.types.js';

/** Making an index again from the database, as administrators ask for it; a job does the work. */
@Injectable()
export class IndexRebuilds {
  constructor(
    private readonly rebuilds: RebuildRepository,
    private readonly vectors: VectorService,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly jobs: JobQueue,
  ) {}

  /**
   * Begins, unless one of this kind is under way, which is answered instead.
   * @throws AppError `encoder_unavailable` for vectors that were never made
   */
  async request(what: Rebuildable, userId: string): Promise<RebuildState> {
    const index = what === 'vectors' ? await this.vectors.activeIndex() : null;
    if (what === 'vectors' && !index)
      throw new AppError('encoder_unavailable', 'There is no vector index: no encoder has been there yet.');
    const begun = await this.transactions.run(async (tx) => {
      const row = await this.rebuilds.begin(tx, { what, indexId: index?.id ?? null, requestedBy: userId });
      if (row)
        await this.audit.record(tx, {
          action: 'index.rebuild_started',
          actorId: userId,
          targetType: 'index_rebuild',
          targetId: row.id,
          details: { what, ...(index ? { index: index.id, model: index.modelId } : {}) },
        });
      return row;
    });
    await this.jobs.send(rebuildJob(what), {});
    this.jobs.wake(rebuildJob(what));
    const row = begun ?? (await this.rebuilds.last()).find((last) => last.what === what);
    if (!row) throw new Error('a rebuild that is under way is missing');
    return await this.stateOf(row);
  }

  /** The newest of words and of vectors, whether it is over or not. */
  async last(): Promise<RebuildState[]> {
    return await Promise.all((await this.rebuilds.last()).map((row) => this.stateOf(row)));
  }

  private async stateOf(row: RebuildRow): Promise<RebuildState> {
    if (row.index_id === null || row.finished_at !== null) return { ...row, done: null, total: null };
    const { done, total } = await this.rebuilds.progress(row.index_id);
    // Before everything is lined up, what is still counted as whole is what has not been.
    return { ...row, done: row.lined_up ? done : 0, total };
  }
}
