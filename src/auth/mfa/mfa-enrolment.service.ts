import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { Settings } from '../../config/settings.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { changedMeanwhile } from '../passwords/password-change.service.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { PasswordPolicy } from '../passwords/password-policy.service.js';
import { invalidCode } from './factor-check.service.js';
import { SecondFactors } from './second-factors.service.js';
import { totpUri } from './totp.js';

export interface MfaState {
  confirmedAt: Date | null;
  recoveryCodes: number;
  required: boolean;
}

/** Turning the second factor of an account on and off. */
@Injectable()
export class MfaEnrolment {
  constructor(
    private readonly factors: SecondFactors,
    private readonly check: PasswordCheck,
    private readonly policy: PasswordPolicy,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  async state(user: AuthUser): Promise<MfaState> {
    return { ...(await this.factors.state(user.id)), required: this.isRequired(user) };
  }

  /** @throws AppError `conflict` when a factor is on */
  async offer(user: AuthUser): Promise<{ secret: string; uri: string }> {
    const secret = await this.transactions.run((transaction) => this.factors.offer(transaction, user.id));
    return { secret, uri: totpUri(secret, user.email) };
  }

  /** @returns recovery codes @throws AppError `invalid_code`, `conflict`, `unauthenticated` */
  async confirm(user: AuthUser, code: string, client: Client): Promise<string[]> {
    const codes = await this.transactions.run(async (transaction) => {
      if (!(await this.factors.confirm(transaction, user, code))) throw invalidCode();
      const made = await this.factors.renewRecoveryCodes(transaction, user.id);
      await this.notices.raise(transaction, { kind: 'mfa.enabled', userId: user.id, client });
      return made;
    });
    this.users.announceAccess(user.id);
    return codes;
  }

  /** @throws AppError `conflict` without a second factor */
  async renewRecoveryCodes(user: AuthUser, client: Client): Promise<string[]> {
    return this.transactions.run(async (transaction) => {
      const codes = await this.factors.renewRecoveryCodes(transaction, user.id);
      const notice = { kind: 'mfa.recovery_codes_renewed', userId: user.id, client } as const;
      await this.notices.raise(transaction, notice);
      return codes;
    });
  }

  /**
   * The password has to stand alone from then on.
   * @throws AppError `invalid_credentials`, `weak_password`, `forbidden` for an administrator who needs it, `conflict`
   * without a factor, or when the password was changed meanwhile
   */
  async remove(user: AuthUser, password: string, client: Client): Promise<void> {
    if (this.isRequired(user)) throw new AppError('forbidden', 'Administrators need a second factor here.');
    const owner = await this.check.confirm(user.id, password, client);
    this.policy.check(password, { ...owner, secondFactor: false });
    await this.transactions.run(async (transaction) => {
      // A password that is shorter may be set at this moment, since there is a factor: one after the other.
      if (!(await this.users.lockUnchanged(transaction, owner))) throw changedMeanwhile();
      if (!(await this.factors.remove(transaction, user.id)))
        throw new AppError('conflict', 'There is no second factor.');
      await this.notices.raise(transaction, { kind: 'mfa.removed', userId: user.id, client });
    });
    this.users.announceAccess(user.id);
  }

  private isRequired(user: AuthUser): boolean {
    return this.settings.requireMfaForAdmins && user.roles.includes(ADMIN_ROLE);
  }
}
