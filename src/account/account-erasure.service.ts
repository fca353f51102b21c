import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { CollectionsService } from '../collections/collections.service.js';
import type { Actor } from '../common/security/actor.types.js';
import { AppError } from '../common/errors/app-error.js';
import { Transactions } from '../database/transactions.js';
import { DocumentRemovalService } from '../documents/document-removal.service.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { UserChanges } from '../users/user-changes.service.js';
import { UsersService } from '../users/users.service.js';
import { AccountErasureRepository } from './account-erasure.repository.js';
import { FarewellMails } from './farewell-mails.service.js';

const ERASE_JOB = 'accounts.erase';

/**
 * The end of an account. Its name, address and access are gone with the transaction; its collections with all
 * documents, passages, vectors and files follow, also after a crash. What it did stays in the audit log under its
 * id, which leads to nobody any more.
 */
@Injectable()
export class AccountErasure {
  constructor(
    private readonly repository: AccountErasureRepository,
    private readonly users: UsersService,
    private readonly collections: CollectionsService,
    private readonly documents: DocumentRemovalService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
    private readonly mails: FarewellMails,
    private readonly jobs: JobQueue,
  ) {
    jobs.define<{ userId: string }>({
      name: ERASE_JOB,
      retries: 1000,
      expireSeconds: 3600,
      run: ({ userId }) => this.finish(userId),
    });
  }

  /** @param by the user, or an administrator @throws AppError `last_admin` */
  async erase(userId: string, by: Actor): Promise<void> {
    await this.transactions.run(async (transaction) => {
      await this.users.lock(transaction, userId);
      const address = await this.users.emailOf(transaction, userId);
      if (address === undefined) return;
      if (!(await this.repository.leavesAdmin(transaction, userId)))
        throw new AppError('last_admin', 'Make somebody else an administrator first.');
      await this.changes.endAccess(transaction, userId, 'deleted');
      await this.repository.anonymise(transaction, userId);
      await this.audit.record(transaction, {
        action: 'user.erased',
        actorId: by.id,
        targetType: 'user',
        targetId: userId,
        ip: by.ip,
        requestId: by.requestId,
      });
      await this.mails.erased(transaction, address);
      await this.jobs.enqueue(transaction, ERASE_JOB, { userId });
    });
    this.changes.announce(userId);
    await this.hideDocuments(userId);
    this.jobs.wake(ERASE_JOB);
  }

  private async hideDocuments(userId: string): Promise<void> {
    for (const id of await this.collections.ownedIds(userId))
      await this.documents.removeCollection(id).catch((error: unknown) => {
        // An attempt before this one, or its owner, has begun already.
        if (!(error instanceof AppError && error.code === 'not_found')) throw error;
      });
  }

  private async finish(userId: string): Promise<void> {
    await this.hideDocuments(userId);
    if (!(await this.repository.finish(userId)))
      throw new Error('documents of an erased account are still being removed; the next attempt looks again');
  }
}
