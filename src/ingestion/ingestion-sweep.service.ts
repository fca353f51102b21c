import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { ReadingService } from '../documents/versions/reading.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { EmbeddingBacklog } from './embedding/embedding-backlog.service.js';

export const SWEEP_JOB = 'documents.sweep';

/** A job may just be about to be taken, or to be written down as done. */
const STALE_SECONDS = 60;
/** All that waits is looked at less often than what is being worked on: it may be a lot. */
const WHOLE_EVERY_MS = 600_000;

/** Nothing stays in a working state: what has lost its job gets a new one, on boot and every minute. */
@Injectable()
export class IngestionSweep implements OnApplicationBootstrap {
  private readonly logger = new Logger('Ingestion');
  private wholeAt = 0;

  constructor(
    private readonly reading: ReadingService,
    private readonly backlog: EmbeddingBacklog,
    private readonly jobs: JobQueue,
  ) {
    jobs.define<object>({
      name: SWEEP_JOB,
      single: true,
      retries: 3,
      expireSeconds: 600,
      everySeconds: 60,
      run: (_data, { signal }) => this.run(signal),
    });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.jobs.send(SWEEP_JOB, {});
  }

  private async run(signal: AbortSignal): Promise<void> {
    const whole = Date.now() - this.wholeAt > WHOLE_EVERY_MS;
    const repaired = await this.reading.repair(
      whole ? ['queued', 'extracting'] : ['extracting'],
      STALE_SECONDS,
      signal,
    );
    if (whole) {
      await this.backlog.lineUpMissing();
      this.wholeAt = Date.now();
    }
    const settled = await this.reading.settleUnlined();
    if (repaired + settled > 0)
      this.logger.warn(`${repaired} files had lost their job, ${settled} documents waited for nothing`);
  }
}
