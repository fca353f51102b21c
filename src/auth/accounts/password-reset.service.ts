import { Injectable } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import { UserChanges } from '../../users/user-changes.service.js';
import { UsersService } from '../../users/users.service.js';
import type { User } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { factorGone } from '../passwords/password-change.service.js';
import { PasswordHasher } from '../passwords/password-hasher.service.js';
import { AccountClaims } from './account-claims.service.js';
import { AccountTokens, invalidToken } from './account-tokens.service.js';

/** A new password for who reads the account's address. Signs nobody in: a second factor is still asked for. */
@Injectable()
export class PasswordReset {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly claims: AccountClaims,
    private readonly hasher: PasswordHasher,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
  ) {}

  /**
   * @throws AppError `invalid_token`, `weak_password`, `service_unavailable`, `conflict` when a second factor beside which
   * the password was measured was removed meanwhile
   */
  async reset(token: string, password: string, client: Client): Promise<void> {
    const { userId } = await this.tokens.peek('reset', token);
    const user = await this.users.findWithPassword(userId);
    if (!user) throw invalidToken();
    const secondFactor = keepsFactor(user);
    const passwordHash = await this.hasher.hashNew(password, { ...user, secondFactor }, 'new_password');
    await this.transactions.run(async (transaction) => {
      const now = await this.users.lockFresh(transaction, userId);
      await this.tokens.redeem(transaction, 'reset', token);
      if (!now) throw invalidToken();
      if (secondFactor && !keepsFactor(now)) throw factorGone();
      await this.users.prove(transaction, userId, { passwordHash });
      if (now.emailVerified) await this.changes.endAccess(transaction, userId, 'password_reset');
      else await this.claims.evict(transaction, userId, client);
      await this.notices.raise(transaction, {
        kind: 'password.changed',
        userId,
        client,
        details: { by: 'reset' },
      });
    });
    this.users.announceAccess(userId);
  }
}

/** One from before the address was proved goes together with whoever set it up. */
const keepsFactor = (user: User): boolean => user.secondFactor && user.emailVerified;
