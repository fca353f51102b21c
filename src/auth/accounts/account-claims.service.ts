import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import { UserChanges } from '../../users/user-changes.service.js';
import type { Client } from '../auth.types.js';
import { AccountClaimsRepository } from './account-claims.repository.js';

/**
 * Until somebody proves to read the address of an account, anybody may have registered it. When its owner does, and
 * it is not the one who used it so far, that one loses everything: sessions, keys, and what was shared with others.
 * A second factor stays: taking it away would let a stolen mailbox be enough.
 */
@Injectable()
export class AccountClaims {
  constructor(
    private readonly repository: AccountClaimsRepository,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
  ) {}

  /** Behind the write to the user's row. */
  async evict(transaction: Transaction, userId: string, client: Client): Promise<void> {
    await this.changes.endAccess(transaction, userId, 'claimed');
    const closed = await this.repository.closeDoors(transaction, userId);
    await this.audit.record(transaction, {
      action: 'user.claimed',
      actorId: userId,
      targetType: 'user',
      targetId: userId,
      ip: client.ip,
      requestId: client.requestId,
      details: closed,
    });
  }
}
