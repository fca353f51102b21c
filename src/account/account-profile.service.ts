import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { notFound } from '../common/errors/app-error.js';
import type { Actor } from '../common/security/actor.types.js';
import { lockWithCredential } from '../database/live-credential.js';
import { Transactions } from '../database/transactions.js';
import { UserChanges } from '../users/user-changes.service.js';
import { UsersService } from '../users/users.service.js';
import type { User } from '../users/users.types.js';

export interface ProfileChange {
  username?: string | null | undefined;
  fullName?: string | null | undefined;
}

@Injectable()
export class AccountProfile {
  constructor(
    private readonly users: UsersService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
    private readonly audit: AuditService,
  ) {}

  /** @throws AppError `username_taken`, `unauthenticated` when the session has ended meanwhile */
  async change(change: ProfileChange, by: Actor & { sessionId: string }): Promise<User> {
    await this.apply(change, by);
    const user = await this.users.findWithPassword(by.id);
    if (!user) throw notFound('user');
    return user;
  }

  private async apply(
    change: ProfileChange,
    { id: userId, sessionId, ip, requestId }: Actor & { sessionId: string },
  ): Promise<void> {
    const fields = Object.entries(change)
      .filter(([, value]) => value !== undefined)
      .map(([name]) => name);
    if (fields.length === 0) return;
    await this.transactions.run(async (transaction) => {
      // An erasure takes the names: none comes behind it.
      await lockWithCredential(transaction, userId, sessionId);
      await this.users.changeProfile(transaction, userId, change);
      await this.audit.record(transaction, {
        action: 'user.profile_changed',
        actorId: userId,
        targetType: 'user',
        targetId: userId,
        ip,
        requestId,
        details: { fields },
      });
    });
    this.changes.announce(userId);
  }
}
