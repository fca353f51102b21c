import { Injectable } from '@nestjs/common';
import { CollectionsService } from '../collections/collections.service.js';
import { retireVersions } from '../database/index-log.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { DocumentVersionsRepository } from './document-versions.repository.js';
import { StagedVersionsRepository } from './staged-versions.repository.js';

/** Removes what `removable_versions` lists from the indexes, the file store and the tables. */
export const REMOVE_JOB = 'documents.remove';

/** Hides at once, with the commit; what is hidden is taken apart by a job. */
@Injectable()
export class DocumentRemovalService {
  constructor(
    private readonly versions: DocumentVersionsRepository,
    private readonly staged: StagedVersionsRepository,
    private readonly collections: CollectionsService,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  async removeDocuments(ids: readonly string[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      await this.retire(tx, await this.versions.hide(tx, ids));
    });
    this.jobs.wake(REMOVE_JOB);
  }

  async removeCollection(id: string): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (!(await this.collections.hide(tx, id))) return;
      await this.retire(tx, await this.versions.hideCollection(tx, id));
    });
    this.jobs.wake(REMOVE_JOB);
  }

  /** Announces to the indexes that no reader may see these versions any more; the transaction's last step. */
  async retire(tx: Transaction, versionIds: readonly string[]): Promise<void> {
    await this.jobs.enqueue(tx, REMOVE_JOB, {});
    if (versionIds.length > 0) await retireVersions(tx, versionIds);
  }

  /** One batch of the removable versions, for whoever takes them out of the indexes first. */
  removable(limit: number): Promise<{ id: string; file_key: string | null }[]> {
    return this.versions.removable(limit);
  }

  collectAbandoned(): Promise<void> {
    return this.staged.collectAbandoned();
  }

  /** Deletes the rows of versions that are out of every index, then what is left empty. */
  async finish(versionIds: readonly string[]): Promise<void> {
    await this.transactions.run(async (tx) => {
      if (versionIds.length > 0) await this.versions.remove(tx, versionIds);
      await this.collections.removeHidden(tx);
    });
  }
}
