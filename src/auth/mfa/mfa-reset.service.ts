import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { Actor } from '../../common/security/actor.types.js';
import { Transactions } from '../../database/transactions.js';
import { UserChanges } from '../../users/user-changes.service.js';
import { UsersService } from '../../users/users.service.js';
import { NO_PASSWORD } from '../../users/users.types.js';
import { AccountRequests } from '../accounts/account-requests.service.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { SecondFactors } from './second-factors.service.js';

/** Helps somebody who lost the device and all recovery codes. */
@Injectable()
export class MfaReset {
  constructor(
    private readonly factors: SecondFactors,
    private readonly users: UsersService,
    private readonly requests: AccountRequests,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
  ) {}

  /**
   * Takes the second factor of another user away. A password that was chosen beside it may be too short to stand alone,
   * and only its owner could show that it is not, so it is void, too: a mail for a new one goes out. All sessions end.
   * @throws AppError `forbidden` for one's own, `conflict` where there is none, `last_admin`
   */
  async reset(userId: string, { id: actorId, ip, requestId }: Actor): Promise<void> {
    if (userId === actorId)
      throw new AppError('forbidden', 'Your own second factor goes by POST /auth/mfa/totp/remove.');
    await this.transactions.run(async (transaction) => {
      await this.users.lock(transaction, userId);
      if (!(await this.factors.remove(transaction, userId)))
        throw new AppError('conflict', 'The account has no second factor.');
      await this.users.setPasswordHash(transaction, userId, NO_PASSWORD);
      await this.changes.endAccess(transaction, userId, 'factor_reset');
      const client = { ip, requestId, userAgent: null };
      await this.notices.raise(transaction, { kind: 'mfa.reset', userId, actorId, client });
      const email = await this.users.emailOf(transaction, userId);
      if (email !== undefined)
        await this.requests.chooseAnew(transaction, { id: userId, email }, { ip: null, requestId });
    });
    this.requests.added();
    this.changes.announce(userId);
  }
}
