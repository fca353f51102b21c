import { Injectable, Logger } from '@nestjs/common';
import { REMOVE_JOB } from '../documents/document-jobs.types.js';
import { DocumentRemovalService } from '../documents/document-removal.service.js';
import type { RemovalRow } from '../documents/documents.types.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { StorageService } from '../storage/storage.service.js';
import { VectorService } from '../vector/vector.service.js';

const BATCH = 100;

/** Takes hidden versions apart: vectors first, then bytes, then rows, so that an interruption only repeats. */
@Injectable()
export class DocumentCleanup {
  private readonly logger = new Logger('Cleanup');

  constructor(
    private readonly removal: DocumentRemovalService,
    private readonly vectors: VectorService,
    private readonly storage: StorageService,
    jobs: JobQueue,
  ) {
    jobs.define<object>({
      name: REMOVE_JOB,
      single: true,
      retries: 1000,
      maxRetrySeconds: 30,
      expireSeconds: 3600,
      // What a failed or waiting file leaves behind when a text takes its place has nobody else to announce it.
      everySeconds: 60,
      run: (_data, { signal }) => this.run(signal),
    });
  }

  /** @throws what the first removal failed of that did, once the others are done */
  private async run(signal: AbortSignal): Promise<void> {
    await this.removeHidden(signal);
    const failures: unknown[] = [];
    for (const removal of await this.removal.openRemovals())
      try {
        await this.remove(removal, signal);
      } catch (error) {
        signal.throwIfAborted();
        this.logger.error({ err: error, removal: removal.id }, `the removal of a ${removal.kind} failed`);
        failures.push(error);
      }
    if (failures.length > 0) throw failures[0];
  }

  private async remove(removal: RemovalRow, signal: AbortSignal): Promise<void> {
    do {
      while ((await this.removal.hideNext(removal, BATCH)) > 0) {
        signal.throwIfAborted();
        await this.removeHidden(signal);
      }
    } while (await this.removal.conclude(removal));
  }

  private async removeHidden(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const batch = await this.removal.removable(BATCH);
      const ids = batch.map((version) => version.id);
      await this.vectors.deleteVersions(ids);
      await this.storage.delete(batch.flatMap((version) => version.file_key ?? []));
      await this.removal.finish(ids);
      if (batch.length < BATCH) return;
    }
  }
}
