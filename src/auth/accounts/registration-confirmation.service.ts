import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { USER_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { invalidToken } from './account-tokens.service.js';
import { hashToken, looksLikeToken } from './one-time-token.js';
import {
  PendingRegistrationsRepository,
  type StoredRegistration,
} from './pending-registrations.repository.js';

/** Makes the account of a registration whose address was confirmed. */
@Injectable()
export class RegistrationConfirmation {
  constructor(
    private readonly pending: PendingRegistrationsRepository,
    private readonly users: UsersService,
    private readonly check: PasswordCheck,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  /**
   * @param password where the one who confirms was asked for it: then it must be the one that was registered with
   * @returns false when it is the token of no registration
   * @throws AppError `invalid_token`, `invalid_credentials`, `too_many_requests`, `service_unavailable`
   */
  async confirm(token: string, password: string | undefined, client: Client): Promise<boolean> {
    if (!looksLikeToken(token)) return false;
    const hash = hashToken('verify', token);
    const registration = await this.pending.find(hash);
    if (!registration) return false;
    if (password !== undefined && !(await this.matches(registration, password, client)))
      throw new AppError('invalid_credentials', 'This is not the password of the registration.');
    await this.transactions.run(async (transaction) => {
      const taken = await this.pending.take(transaction, hash);
      // An account that was made in between, such as by an invitation, is not this registration's.
      if (!taken || (await this.users.findByLogin({ email: taken.email }, transaction))) throw invalidToken();
      const { email, fullName, passwordHash } = taken;
      const username = await this.freeUsername(transaction, taken.username);
      const roles = [USER_ROLE];
      const user = await this.users.create(transaction, {
        email,
        username,
        fullName,
        passwordHash,
        emailVerified: true,
        roles,
      });
      const { ip, requestId } = client;
      const event = { actorId: user.id, targetType: 'user', targetId: user.id, ip, requestId };
      await this.audit.recordAll(transaction, [
        { action: 'user.registered', ...event },
        { action: 'email.verified', ...event },
      ]);
    });
    return true;
  }

  private matches(
    { email, passwordHash }: StoredRegistration,
    password: string,
    client: Client,
  ): Promise<boolean> {
    return this.check.matches({ user: undefined, passwordHash, name: `e-mail ${email}`, password, client });
  }

  /** Somebody else may have got the name first; the account is worth more than its name. */
  private async freeUsername(transaction: Transaction, username: string | null): Promise<string | null> {
    return username !== null && (await this.users.findByLogin({ username }, transaction)) ? null : username;
  }
}
