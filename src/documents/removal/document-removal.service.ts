import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { CollectionsService } from '../../collections/collections.service.js';
import type { Caller } from '../../collections/collections.types.js';
import { notFound } from '../../common/errors/app-error.js';
import { retireVersions } from '../../database/index-log.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { INGEST_JOB, REMOVE_JOB } from '../document-jobs.types.js';
import type { RemovableVersion, RemovalRow } from '../documents.types.js';
import { RemovalsRepository } from './removals.repository.js';
import { RemovedVersionsRepository } from './removed-versions.repository.js';

/** How long a version is left alone whose file could not be deleted. */
const PUT_OFF = { firstSeconds: 30, longestSeconds: 3600 };

/** Hides at once, with the commit; what is hidden is taken apart by a job. */
@Injectable()
export class DocumentRemovalService {
  constructor(
    private readonly removed: RemovedVersionsRepository,
    private readonly removals: RemovalsRepository,
    private readonly collections: CollectionsService,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly jobs: JobQueue,
  ) {}

  async removeDocuments(ids: readonly string[], actorId: string): Promise<void> {
    const unread = await this.transactions.run(async (tx) => {
      const events = ids.map((id) => ({
        action: 'document.deleted',
        actorId,
        targetType: 'document',
        targetId: id,
      }));
      await this.audit.recordAll(tx, events);
      return this.hide(tx, ids);
    });
    this.jobs.wake(REMOVE_JOB);
    await this.jobs.giveUp(INGEST_JOB, unread);
  }

  /** @returns versions that nobody needs to read any more */
  private async hide(tx: Transaction, ids: readonly string[]): Promise<string[]> {
    const { shown, unread } = await this.removed.hide(tx, ids);
    await this.retire(tx, shown);
    return unread;
  }

  /**
   * Hides a collection with one row; its documents go in batches.
   * @returns id of the removal, which can be followed. @throws AppError `not_found` when somebody was faster
   */
  async removeCollection(id: string, actorId: string | null = null): Promise<string> {
    const removal = await this.transactions.run(async (tx) => {
      const begun = await this.removals.begin(tx, 'collection', id, actorId);
      if (begun === undefined) throw notFound('collection');
      await this.audit.record(tx, {
        action: 'collection.deleted',
        actorId,
        targetType: 'collection',
        targetId: id,
        details: { removal: begun },
      });
      await this.jobs.enqueue(tx, REMOVE_JOB, {});
      return begun;
    });
    this.removalBegan();
    return removal;
  }

  /**
   * Hides all collections of a user who is not active, with the caller's transaction; when they are gone, so is the
   * user's row. `removalBegan` belongs behind the commit.
   */
  async removeUser(tx: Transaction, userId: string): Promise<void> {
    await this.removals.begin(tx, 'user', userId, null);
    await this.jobs.enqueue(tx, REMOVE_JOB, {});
  }

  removalBegan(): void {
    this.collections.changed();
    this.jobs.wake(REMOVE_JOB);
  }

  /** How far a removal is. @throws AppError `not_found` */
  async removal(id: string, caller: Caller): Promise<RemovalRow> {
    const found = await this.removals.find(id, caller);
    if (!found) throw notFound('removal');
    return found;
  }

  openRemovals(): Promise<RemovalRow[]> {
    return this.removals.open();
  }

  /** Takes one batch of a removal's documents from the indexes. @returns how many there were */
  async hideNext(removal: RemovalRow, limit: number): Promise<number> {
    const ids = await this.removals.nextDocuments(removal.id, limit);
    if (ids.length > 0) {
      const unread = await this.transactions.run((tx) => this.hide(tx, ids));
      await this.jobs.giveUp(INGEST_JOB, unread);
    }
    return ids.length;
  }

  /** Ends a removal that nothing is left of. @returns whether there is more to be hidden than was known */
  async conclude(removal: RemovalRow): Promise<boolean> {
    const outcome = await this.transactions.run(async (tx) => {
      const finished = await this.removals.finish(tx, removal.id);
      if (finished === 'ended')
        await this.audit.record(tx, {
          action: `${removal.kind}.removed`,
          targetType: removal.kind,
          targetId: removal.subject_id,
          details: { removal: removal.id, documents: removal.documents },
        });
      return finished;
    });
    if (outcome === 'more') this.collections.changed();
    return outcome === 'more';
  }

  /** Announces to the indexes that no reader may see these versions any more; the transaction's last step. */
  async retire(tx: Transaction, versionIds: readonly string[]): Promise<void> {
    await this.jobs.enqueue(tx, REMOVE_JOB, {});
    if (versionIds.length > 0) await retireVersions(tx, versionIds);
  }

  /**
   * One batch of the removable versions, in order of their ids, for whoever takes them out of the indexes first.
   * @param again those that were put off and are due, instead of those that never were
   */
  removable(after: string, limit: number, again: boolean): Promise<RemovableVersion[]> {
    return this.removed.removable(after, limit, again);
  }

  /** Leaves versions alone whose files cannot be deleted, longer each time. */
  async putOff(versionIds: readonly string[]): Promise<void> {
    if (versionIds.length > 0) await this.removed.putOff(versionIds, PUT_OFF);
  }

  /** Deletes the rows of versions that are out of every index, then what is left empty. */
  async finish(versionIds: readonly string[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (versionIds.length > 0) await this.removed.remove(tx, versionIds);
      await this.collections.removeHidden(tx);
    });
  }
}
