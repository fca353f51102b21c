import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { NO_PASSWORD, USER_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { sameBytes } from '../tokens/keys.js';
import { hashMark } from '../tokens/registration-marks.js';
import { AccountRequests } from './account-requests.service.js';
import { invalidToken } from './account-tokens.service.js';
import { hashToken, looksLikeToken } from './one-time-token.js';
import {
  PendingRegistrationsRepository,
  type StoredRegistration,
} from './pending-registrations.repository.js';

/** What shows that the one who confirms is the one who registered. */
export interface RegistrationProof {
  /** Where the page asked for it. */
  password: string | undefined;
  /** Of the browser that registered. */
  mark: string | undefined;
}

/** In the place of what a stranger may have chosen. */
const NOTHING = { username: null, fullName: null, passwordHash: NO_PASSWORD };

/**
 * Makes the account of a registration whose address was confirmed. Anybody can have registered the address: where proof
 * is needed, nothing of the registration counts but the address unless it was shown that it was the one who confirms.
 */
@Injectable()
export class RegistrationConfirmation {
  constructor(
    private readonly pending: PendingRegistrationsRepository,
    private readonly users: UsersService,
    private readonly check: PasswordCheck,
    private readonly requests: AccountRequests,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly settings: Settings,
  ) {}

  /**
   * @param proof a password, if there is one, must be the one that was registered with
   * @returns whether the account has the password that was registered with; undefined when it is the token of no
   * registration
   * @throws AppError `invalid_token`, `invalid_credentials`, `too_many_requests`, `service_unavailable`
   */
  async confirm(token: string, proof: RegistrationProof, client: Client): Promise<boolean | undefined> {
    if (!looksLikeToken(token)) return undefined;
    const hash = hashToken('verify', token);
    const registration = await this.pending.find(hash);
    if (!registration) return undefined;
    const isOwn = await this.isOwn(registration, proof, client);
    await this.transactions.run(async (transaction) => {
      const taken = await this.pending.take(transaction, hash);
      // An account that was made in between, such as by an invitation, is not this registration's.
      if (!taken || (await this.users.findByLogin({ email: taken.email }, transaction))) throw invalidToken();
      const { email } = taken;
      const { username, fullName, passwordHash } = isOwn ? taken : NOTHING;
      const user = await this.users.create(transaction, {
        email,
        username: await this.freeUsername(transaction, username),
        fullName,
        passwordHash,
        emailVerified: true,
        roles: [USER_ROLE],
      });
      const { ip, requestId } = client;
      if (!isOwn) await this.requests.chooseAnew(transaction, user, client);
      const event = { actorId: user.id, targetType: 'user', targetId: user.id, ip, requestId };
      await this.audit.recordAll(transaction, [
        { action: 'user.registered', ...event },
        { action: 'email.verified', ...event },
      ]);
    });
    if (!isOwn) this.requests.added();
    return isOwn;
  }

  private async isOwn(
    registration: StoredRegistration,
    { password, mark }: RegistrationProof,
    client: Client,
  ): Promise<boolean> {
    if (password !== undefined) {
      if (await this.matches(registration, password, client)) return true;
      throw new AppError('invalid_credentials', 'This is not the password of the registration.');
    }
    if (!this.settings.registrationsNeedProof) return true;
    const { browserHash } = registration;
    return mark !== undefined && browserHash !== null && sameBytes(browserHash, hashMark(mark));
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
