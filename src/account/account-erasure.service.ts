import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Actor } from '../common/security/actor.types.js';
import { AppError } from '../common/errors/app-error.js';
import { Transactions } from '../database/transactions.js';
import { DocumentRemovalService } from '../documents/removal/document-removal.service.js';
import { UserChanges } from '../users/user-changes.service.js';
import { UsersService } from '../users/users.service.js';
import { AccountErasureRepository } from './account-erasure.repository.js';
import { FarewellMails } from './farewell-mails.service.js';

/**
 * The end of an account. Its name, address and access are gone with the transaction, and its collections are hidden;
 * their documents, passages, vectors and files follow, also after a crash. What it did stays in the audit log under its
 * id, which leads to nobody any more.
 */
@Injectable()
export class AccountErasure {
  constructor(
    private readonly repository: AccountErasureRepository,
    private readonly users: UsersService,
    private readonly documents: DocumentRemovalService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
    private readonly mails: FarewellMails,
  ) {}

  /** @param by the user, or an administrator @throws AppError `last_admin` */
  async erase(userId: string, by: Actor): Promise<void> {
    await this.transactions.run(async (transaction) => {
      await this.users.lock(transaction, userId);
      const address = await this.users.emailOf(transaction, userId);
      if (address === undefined) return;
      if (!(await this.repository.leavesAdmin(transaction, userId)))
        throw new AppError('last_admin', 'Make somebody else an administrator first.');
      await this.repository.shutOut(transaction, userId);
      // Before the address goes: whoever writes a document holds its collection and then asks for the user's key.
      await this.documents.removeUser(transaction, userId);
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
    });
    this.changes.announce(userId);
    this.documents.removalBegan();
  }
}
