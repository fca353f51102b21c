import { Injectable, Logger } from '@nestjs/common';
import { NIL_UUID } from '../common/nil-uuid.js';
import { REMOVE_JOB } from '../documents/document-jobs.types.js';
import { DocumentRemovalService } from '../documents/removal/document-removal.service.js';
import type { RemovableVersion, RemovalRow } from '../documents/documents.types.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { StorageService } from '../storage/storage.service.js';
import { NotOurStore } from '../storage/storage.types.js';
import { VectorService } from '../vector/vector.service.js';

const BATCH = 100;

/**
 * Takes hidden versions apart: vectors first, then bytes, then rows, so that an interruption only repeats. A file that
 * cannot be deleted keeps its own version, and holds up no other.
 */
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
    // Behind all else.
    await this.removeHidden(signal, true);
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

  private async removeHidden(signal: AbortSignal, again = false): Promise<void> {
    for (let after = NIL_UUID; ;) {
      signal.throwIfAborted();
      const batch = await this.removal.removable(after, BATCH, again);
      if (batch.length > 0) await this.takeApart(batch);
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return;
      after = last.id;
    }
  }

  private async takeApart(versions: readonly RemovableVersion[]): Promise<void> {
    await this.vectors.deleteVersions(versions.map(({ id }) => id));
    const keys = versions.flatMap(({ file_key }) => file_key ?? []);
    const undeleted = await this.storage.delete(keys);
    const causes = new Map(undeleted.map(({ key, cause }) => [key, cause]));
    const isLeft = ({ file_key }: RemovableVersion): boolean => file_key !== null && causes.has(file_key);
    const left = versions.filter(isLeft);
    this.tell(left, causes, left.length === keys.length);
    await this.removal.putOff(left.map(({ id }) => id));
    await this.removal.finish(versions.filter((version) => !isLeft(version)).map(({ id }) => id));
  }

  /** Each file once; a store that refuses all of them alike, as without the right to delete, with one line. */
  private tell(left: readonly RemovableVersion[], causes: ReadonlyMap<string, unknown>, all: boolean): void {
    const causeOf = ({ file_key }: RemovableVersion): unknown => causes.get(file_key ?? '');
    // Of a store that is not ours it is said once, for all files.
    const fresh = left.filter((version) => version.tries === 0 && !(causeOf(version) instanceof NotOurStore));
    const alike = new Set(left.map((version) => codeOf(causeOf(version)))).size === 1;
    if (all && alike && fresh.length > 1)
      return this.logger.error(
        { err: causeOf(fresh[0]!) },
        `${fresh.length} files cannot be deleted; they are tried again and again`,
      );
    for (const version of fresh)
      this.logger.error(
        { err: causeOf(version), version_id: version.id },
        'a file cannot be deleted; it is tried again and again',
      );
  }
}

const codeOf = (cause: unknown): string | undefined => (cause as { code?: string }).code;
