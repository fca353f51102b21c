import { Injectable, Logger } from '@nestjs/common';
import { NIL_UUID } from '../common/nil-uuid.js';
import { REMOVE_JOB } from '../documents/document-jobs.types.js';
import { DocumentRemovalService } from '../documents/removal/document-removal.service.js';
import type { RemovableVersion, RemovalRow } from '../documents/documents.types.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { StorageService } from '../storage/storage.service.js';
import { VectorService } from '../vector/vector.service.js';

const BATCH = 100;
/** How long a version is left alone whose file could not be deleted. */
const SET_ASIDE_MS = 30_000;

/**
 * Takes hidden versions apart: vectors first, then bytes, then rows, so that an interruption only repeats. A file that
 * cannot be deleted keeps its own version, and holds up no other.
 */
@Injectable()
export class DocumentCleanup {
  private readonly logger = new Logger('Cleanup');
  /** Versions whose files could not be deleted, and until when they are left alone. */
  private readonly setAside = new Map<string, number>();

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
    await this.removeSetAside(signal);
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

  /** What is new; what was set aside comes after all else. */
  private removeHidden(signal: AbortSignal): Promise<void> {
    return this.removeThose((id) => !this.setAside.has(id), signal);
  }

  private async removeSetAside(signal: AbortSignal): Promise<void> {
    const now = Date.now();
    const due = new Set([...this.setAside].filter(([, until]) => until <= now).map(([id]) => id));
    if (due.size === 0) return;
    await this.removeThose((id) => due.has(id), signal);
    // Of those that are not there any more.
    for (const id of due) if ((this.setAside.get(id) ?? Infinity) <= now) this.setAside.delete(id);
  }

  private async removeThose(wanted: (id: string) => boolean, signal: AbortSignal): Promise<void> {
    for (let after = NIL_UUID; ;) {
      signal.throwIfAborted();
      const batch = await this.removal.removable(after, BATCH);
      const versions = batch.filter(({ id }) => wanted(id));
      if (versions.length > 0) await this.takeApart(versions);
      const last = batch.at(-1);
      if (!last || batch.length < BATCH) return;
      after = last.id;
    }
  }

  private async takeApart(versions: readonly RemovableVersion[]): Promise<void> {
    await this.vectors.deleteVersions(versions.map(({ id }) => id));
    const undeleted = await this.storage.delete(versions.flatMap(({ file_key }) => file_key ?? []));
    const causes = new Map(undeleted.map(({ key, cause }) => [key, cause]));
    const gone: string[] = [];
    for (const { id, file_key } of versions)
      if (file_key !== null && causes.has(file_key)) this.leave(id, causes.get(file_key));
      else gone.push(id);
    await this.removal.finish(gone);
    for (const id of gone) this.setAside.delete(id);
  }

  private leave(id: string, cause: unknown): void {
    if (!this.setAside.has(id))
      this.logger.error(
        { err: cause, version_id: id },
        'a file cannot be deleted; it is tried again and again',
      );
    this.setAside.set(id, Date.now() + SET_ASIDE_MS);
  }
}
