import { Injectable } from '@nestjs/common';
import type { AuthUser } from '../../common/security/auth-user.js';
import { Settings } from '../../config/settings.js';
import { lockWithCredential } from '../../database/live-credential.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { invalidCode } from './factor-check.service.js';
import { isRequiredOf } from './mfa-removal.service.js';
import { SecondFactors } from './second-factors.service.js';
import { totpUri } from './totp.js';

export interface MfaState {
  confirmedAt: Date | null;
  recoveryCodes: number;
  required: boolean;
}

/** Turning the second factor of an account on, and what belongs to one that is. */
@Injectable()
export class MfaEnrolment {
  constructor(
    private readonly factors: SecondFactors,
    private readonly sessions: SessionsService,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly users: UsersService,
    private readonly settings: Settings,
  ) {}

  async state(user: AuthUser): Promise<MfaState> {
    return { ...(await this.factors.state(user.id)), required: isRequiredOf(user, this.settings) };
  }

  /** @throws AppError `conflict` when a factor is on, `unauthenticated` when the session has ended meanwhile */
  async offer(user: AuthUser): Promise<{ secret: string; uri: string }> {
    const secret = await this.transactions.run(async (transaction) => {
      await lockWithCredential(transaction, user.id, user.sessionId);
      return this.factors.offer(transaction, user.id);
    });
    return { secret, uri: totpUri(secret, user.email) };
  }

  /**
   * Ends all other sessions: none of them ever showed the factor, and whoever has the password may have opened one.
   * @returns recovery codes @throws AppError `invalid_code`, `conflict`, `unauthenticated`
   */
  async confirm(user: AuthUser, code: string, client: Client): Promise<string[]> {
    const codes = await this.transactions.run(async (transaction) => {
      if (!(await this.factors.confirm(transaction, user, code))) throw invalidCode();
      const made = await this.factors.renewRecoveryCodes(transaction, user.id);
      await this.sessions.endOthersIn(transaction, user, 'factor_enabled', client);
      await this.notices.raise(transaction, { kind: 'mfa.enabled', userId: user.id, client });
      return made;
    });
    this.users.announceAccess(user.id);
    return codes;
  }

  /** @throws AppError `conflict` without a second factor, `unauthenticated` when the session has ended meanwhile */
  async renewRecoveryCodes(user: AuthUser, client: Client): Promise<string[]> {
    return this.transactions.run(async (transaction) => {
      await lockWithCredential(transaction, user.id, user.sessionId);
      const codes = await this.factors.renewRecoveryCodes(transaction, user.id);
      const notice = { kind: 'mfa.recovery_codes_renewed', userId: user.id, client } as const;
      await this.notices.raise(transaction, notice);
      return codes;
    });
  }
}
