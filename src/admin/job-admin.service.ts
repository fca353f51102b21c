import { Injectable } from '@nestjs/common';
import { AppError, notFound } from '../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import { INGEST_JOB } from '../documents/document-jobs.types.js';
import { ReadingService } from '../documents/versions/reading.service.js';
import { EVALUATION_JOB, EvaluationsService } from '../evaluation/evaluations.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import type { JobRow, JobState } from '../jobs/jobs.types.js';

export interface JobListQuery {
  name?: string | undefined;
  state?: JobState | undefined;
  user_id?: string | undefined;
  limit?: number | undefined;
  cursor?: string | undefined;
}

const ENDED = new Set<JobState>(['failed', 'cancelled']);
const ALIVE = new Set<JobState>(['created', 'retry', 'active']);

/** Jobs as administrators see and handle them. */
@Injectable()
export class JobAdmin {
  constructor(
    private readonly jobs: JobQueue,
    private readonly reading: ReadingService,
    private readonly evaluations: EvaluationsService,
  ) {}

  async page(query: JobListQuery): Promise<Page<JobRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.jobs.page({
      name: query.name,
      state: query.state,
      ownerId: query.user_id,
      after: decodeTimeCursor(query.cursor),
      limit: limit + 1,
    });
    return toPage(
      rows,
      limit,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => row,
    );
  }

  /** @throws AppError `not_found`, `conflict` where it neither failed nor was cancelled */
  async retry(id: string): Promise<JobRow> {
    const job = await this.find(id);
    if (!ENDED.has(job.state))
      throw new AppError('conflict', 'Only a job that failed or was cancelled can run again.');
    // What waits for it has to know.
    if (job.name === INGEST_JOB) await this.reading.retryVersion(id);
    else if (job.name === EVALUATION_JOB) await this.evaluations.retryJob(id);
    else await this.jobs.retry(job.name, id);
    return this.find(id);
  }

  /** @throws AppError `not_found`, `conflict` where it has ended */
  async cancel(id: string): Promise<JobRow> {
    const job = await this.find(id);
    if (!ALIVE.has(job.state)) throw new AppError('conflict', 'The job has ended.');
    if (!(await this.cancelByOwner(job))) await this.jobs.cancel(job.name, [id]);
    return this.find(id);
  }

  /** True where whatever waits for the job ended it. */
  private async cancelByOwner({ id, name }: JobRow): Promise<boolean> {
    if (name === INGEST_JOB) return this.reading.cancelVersion(id);
    return name === EVALUATION_JOB && this.evaluations.cancelJob(id);
  }

  private async find(id: string): Promise<JobRow> {
    const job = await this.jobs.find(id);
    if (!job) throw notFound('job');
    return job;
  }
}
