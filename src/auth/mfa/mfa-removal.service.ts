import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { Settings } from '../../config/settings.js';
import { lockWithCredential } from '../../database/live-credential.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { changedMeanwhile } from '../passwords/password-change.service.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { PasswordPolicy } from '../passwords/password-policy.service.js';
import { SecondFactors } from './second-factors.service.js';

/** Turning one's own second factor off. */
@Injectable()
export class MfaRemoval {
  constructor(
    private readonly factors: SecondFactors,
    private readonly check: PasswordCheck,
    private readonly policy: PasswordPolicy,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  /**
   * The password has to stand alone from then on.
   * @throws AppError `invalid_credentials`, `weak_password`, `forbidden` for an administrator who needs it, `conflict`
   * without a factor, or when the password was changed meanwhile, `unauthenticated` when the session has ended meanwhile
   */
  async remove(user: AuthUser, password: string, client: Client): Promise<void> {
    if (isRequiredOf(user, this.settings))
      throw new AppError('forbidden', 'Administrators need a second factor here.');
    const owner = await this.check.confirm(user.id, password, client);
    this.policy.check(password, { ...owner, secondFactor: false });
    await this.transactions.run(async (transaction) => {
      // A password that is shorter may be set at this moment, since there is a factor: one after the other.
      if (!(await this.users.lockUnchanged(transaction, owner))) throw changedMeanwhile();
      await lockWithCredential(transaction, user.id, user.sessionId);
      if (!(await this.factors.remove(transaction, user.id)))
        throw new AppError('conflict', 'There is no second factor.');
      await this.notices.raise(transaction, { kind: 'mfa.removed', userId: user.id, client });
    });
    this.users.announceAccess(user.id);
  }
}

export const isRequiredOf = (user: AuthUser, { requireMfaForAdmins }: Settings): boolean =>
  requireMfaForAdmins && user.roles.includes(ADMIN_ROLE);
