import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { lockWithCredential } from '../../database/live-credential.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { UserChanges } from '../../users/user-changes.service.js';
import { UsersService } from '../../users/users.service.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { SessionTokens, type TokenedSession } from '../sessions/session-tokens.service.js';
import { PasswordHasher } from './password-hasher.service.js';

/** Sets another password for somebody who proved to know the present one. */
@Injectable()
export class PasswordChange {
  constructor(
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly sessionTokens: SessionTokens,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
  ) {}

  /**
   * Ends all sessions, the present one too, and opens a new one in its place: whatever was issued before, also to
   * a request that runs at the same time, is worth nothing afterwards. Beside a second factor the new one is as recent as
   * the one before: only the password was shown again.
   * @param user as the present password was checked against
   * @throws AppError `weak_password`, `service_unavailable`, `conflict` when the password was changed meanwhile, or the
   * second factor removed, `unauthenticated` when the session has ended meanwhile
   */
  async change(
    user: UserWithPassword,
    { sessionId }: Pick<AuthUser, 'sessionId'>,
    password: string,
    client: Client,
  ): Promise<TokenedSession> {
    const passwordHash = await this.hasher.hashNew(password, user, 'new_password');
    const labels = await this.sessionTokens.labels(sessionId);
    const opened = await this.transactions.run(async (transaction) => {
      if (!(await this.users.lockUnchanged(transaction, user))) return undefined;
      await lockWithCredential(transaction, user.id, sessionId);
      await this.requireFactorStill(transaction, user);
      await this.users.setPasswordHash(transaction, user.id, passwordHash);
      await this.changes.endAccess(transaction, user.id, 'password_changed');
      await this.notices.raise(transaction, { kind: 'password.changed', userId: user.id, client });
      const next = await this.sessionTokens.open(transaction, { ...user, passwordHash }, labels, client);
      if (next && user.secondFactor)
        await this.sessionTokens.keepRecency(transaction, sessionId, next.session.id);
      return next;
    });
    this.changes.announce(user.id);
    if (!opened) throw changedMeanwhile();
    return opened;
  }

  /** A password may be short beside a factor: where one was on when it was checked, it must be on when it is set. */
  private async requireFactorStill(transaction: Transaction, user: UserWithPassword): Promise<void> {
    if (!user.secondFactor) return;
    const now = await this.users.lockFresh(transaction, user.id);
    if (!now?.secondFactor) throw factorGone();
  }
}

export const changedMeanwhile = (): AppError =>
  new AppError('conflict', 'The password was changed meanwhile. Sign in again.');

export const factorGone = (): AppError =>
  new AppError('conflict', 'The second factor was removed meanwhile. Send the password again.');
