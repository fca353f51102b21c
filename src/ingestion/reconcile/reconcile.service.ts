import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { REMOVE_JOB } from '../../documents/document-jobs.types.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { LexicalService } from '../../lexical/lexical.service.js';
import { FileCheck } from './file-check.service.js';
import { ReconcileRepository } from './reconcile.repository.js';
import type { Found, ReconcileReport, ReconciliationRow } from './reconcile.types.js';
import { VectorCheck } from './vector-check.service.js';

const RECONCILE_JOB = 'index.reconcile';
const HOUR = 3600;
const EXAMPLES = 20;
const POLL_MS = 200;

interface ReconcileJob {
  /** None where the schedule asks. */
  id?: string;
  dry_run?: boolean;
}

/**
 * Compares PostgreSQL, the indexes of vectors and of words, and the file store, and puts right what differs. PostgreSQL
 * is the truth: what it does not know is removed, what it knows and others lack is made again. What came a moment ago
 * is left alone, for it may just be on its way.
 */
@Injectable()
export class Reconciler implements OnApplicationBootstrap {
  private readonly logger = new Logger('Reconcile');
  private readonly startedAt = performance.now();

  constructor(
    private readonly repository: ReconcileRepository,
    private readonly files: FileCheck,
    private readonly vectorCheck: VectorCheck,
    private readonly words: LexicalService,
    private readonly settings: Settings,
    private readonly jobs: JobQueue,
  ) {
    jobs.define<ReconcileJob>({
      name: RECONCILE_JOB,
      retries: 2,
      expireSeconds: 2 * HOUR,
      everySeconds: HOUR,
      run: (data, { signal }) => this.run(data, signal),
    });
  }

  /** An embedded server cleans up at once behind a process that was killed. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.embedded) await this.jobs.send(RECONCILE_JOB, {});
  }

  /**
   * Has a worker compare, and mend unless it is a dry run; waits for it up to `waitMs`.
   * @returns the comparison, finished or not
   */
  async request(dryRun: boolean, userId: string, waitMs: number): Promise<ReconciliationRow> {
    const id = randomUUID();
    await this.repository.begin(id, dryRun, userId);
    await this.jobs.send(RECONCILE_JOB, { id, dry_run: dryRun });
    this.jobs.wake(RECONCILE_JOB);
    for (const until = Date.now() + waitMs; ;) {
      const row = await this.repository.find(id);
      if (!row) throw new Error('a reconciliation that was just begun is missing');
      if (row.finished_at || Date.now() > until) return row;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  find(id: string): Promise<ReconciliationRow | undefined> {
    return this.repository.find(id);
  }

  /** The last one that came to an end. */
  last(): Promise<ReconciliationRow | undefined> {
    return this.repository.last();
  }

  private async run(job: ReconcileJob, signal: AbortSignal): Promise<void> {
    const id = job.id ?? randomUUID();
    const dryRun = job.dry_run ?? false;
    await this.repository.begin(id, dryRun, null);
    try {
      const report = await this.compare(dryRun, signal);
      if (job.id !== undefined && !dryRun) await this.vectorCheck.tryRefusedAgain();
      await this.repository.finish(id, report, null);
      this.tell(report);
    } catch (error) {
      await this.repository.finish(id, null, (error as Error).message);
      throw error;
    }
  }

  private async compare(dryRun: boolean, signal: AbortSignal): Promise<ReconcileReport> {
    const youngMs = this.youngMs();
    // A store that cannot be written does not tell its time: then it is compared, and nothing is removed.
    const now = await this.files.now();
    const before = new Date((now?.getTime() ?? Date.now()) - youngMs);
    const files = await this.files.compare(before, signal);
    const removedFiles = dryRun || !now ? 0 : await this.files.remove(files.orphans, before);
    const indexes = await this.vectorCheck.compareAll(signal);
    const orphans = [...new Set(indexes.flatMap((index) => index.orphans))];
    const missing = [...new Set(indexes.flatMap((index) => index.missing))];
    const removed = new Set<string>();
    if (!dryRun)
      for (const index of indexes) for (const id of await this.vectorCheck.mend(index)) removed.add(id);
    const words = await this.words.compare(!dryRun, signal);
    const stray = await this.repository.stray(youngMs, !dryRun);
    const usage = await this.repository.wrongUsage(!dryRun);
    if (!dryRun && stray.length > 0) await this.jobs.send(REMOVE_JOB, {});
    const all = (found: string[]): Found => some(found, dryRun ? 0 : found.length);
    return {
      orphan_files: some(files.orphans, removedFiles),
      missing_files: some(files.missing, 0),
      orphan_vectors: some(orphans, removed.size),
      missing_vectors: all(missing),
      orphan_words: all(words.orphans),
      missing_words: all(words.missing),
      stray_versions: all(stray),
      wrong_usage: all(usage),
      dropped_indexes: dryRun ? 0 : await this.vectorCheck.dropRetired(),
    };
  }

  /**
   * How long something may be on its way, by the clock of whoever keeps it: that of this machine may be wrong. With the
   * embedded database this is the only process: what an earlier one left unfinished stays so.
   */
  private youngMs(): number {
    const graceMs = this.settings.reconcileGrace * 1000;
    return this.settings.embedded ? Math.min(performance.now() - this.startedAt, graceMs) : graceMs;
  }

  private tell(report: ReconcileReport): void {
    const found = Object.entries(report).flatMap(([name, value]: [string, Found | number]) =>
      typeof value === 'object' && value.found > 0 ? [`${name} ${value.found} (${value.mended} mended)`] : [],
    );
    if (found.length > 0) this.logger.warn(`the stores differed: ${found.join(', ')}`);
  }
}

const some = (found: string[], mended: number): Found => ({
  found: found.length,
  mended,
  examples: found.slice(0, EXAMPLES),
});
