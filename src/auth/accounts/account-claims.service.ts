import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { AuditEvent } from '../../audit/audit.types.js';
import type { Transaction } from '../../database/transaction.types.js';
import { UserChanges } from '../../users/user-changes.service.js';
import type { Client } from '../auth.types.js';
import { AccountClaimsRepository, type TakenGrant } from './account-claims.repository.js';

/** What an account has from the time before somebody proved to read its address, when anybody may have had it. */
@Injectable()
export class AccountClaims {
  constructor(
    private readonly repository: AccountClaimsRepository,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
  ) {}

  /**
   * The owner of an address proves it, and it is not the one who used the account so far: that one loses everything, which
   * is sessions and the trust in their devices, keys, webhooks, what was shared with others, and the second factor. That
   * one was set up before the address was confirmed, so it is not the owner's. Behind the write to the user's row.
   */
  async evict(transaction: Transaction, userId: string, client: Client): Promise<void> {
    await this.changes.endAccess(transaction, userId, 'claimed');
    const { keys, webhooks, secondFactor, grants } = await this.repository.closeDoors(transaction, userId);
    await this.audit.recordAll(transaction, [
      {
        action: 'user.claimed',
        actorId: userId,
        targetType: 'user',
        targetId: userId,
        ip: client.ip,
        requestId: client.requestId,
        details: { keys, webhooks, second_factor: secondFactor, grants: grants.length },
      },
      ...grants.map((grant) => takenBack(grant, userId, client, 'user.claimed')),
    ]);
  }

  /**
   * The account goes on with another address, and never proved this one: what was shared with it was meant for who reads
   * it, and does not go along.
   */
  async leaveUnproved(transaction: Transaction, userId: string, client: Client): Promise<void> {
    const grants = await this.repository.dropGrantsToAddress(transaction, userId);
    await this.audit.recordAll(
      transaction,
      grants.map((grant) => takenBack(grant, userId, client, 'email.changed')),
    );
  }
}

const takenBack = (
  { id, collectionId, userId, role, access }: TakenGrant,
  actorId: string,
  { ip, requestId }: Client,
  because: string,
): AuditEvent => ({
  action: 'grant.taken_back',
  actorId,
  targetType: 'collection',
  targetId: collectionId,
  ip,
  requestId,
  details: { grant: id, user: userId, role, access, because },
});
