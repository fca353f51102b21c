import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { USER_ROLE, type User } from '../users/users.types.js';
import type { PendingRegistration } from './accounts/account-request.types.js';
import { AccountRequests } from './accounts/account-requests.service.js';
import type { Client } from './auth.types.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';
import { hashMark } from './tokens/registration-marks.js';

/** E-mail and username in their normalised form. */
export interface Registration {
  email: string;
  password: string;
  username?: string | null;
  full_name?: string | null;
}

@Injectable()
export class RegistrationService {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly requests: AccountRequests,
    private readonly settings: Settings,
  ) {}

  /**
   * The account; undefined where addresses have to be confirmed first, whatever the address. Then nobody learns
   * here whether it has an account, and its owner is told by mail.
   * @param mark by which the browser is known again at the confirmation
   * @throws AppError `registration_closed`, `weak_password`, `email_taken`, `username_taken`, `service_unavailable`
   */
  async register(registration: Registration, mark: string, client: Client): Promise<User | undefined> {
    if (this.settings.registration === 'closed')
      throw new AppError('registration_closed', 'Ask an administrator for an account.');
    const { email, username, full_name: fullName, password } = registration;
    const owner = { email, username: username ?? null, fullName: fullName ?? null };
    const passwordHash = await this.passwords.hashNew(password, owner);
    if (this.settings.requireEmailVerification) {
      await this.askForProof({ ...owner, passwordHash, browserHash: hashMark(mark) }, client);
      return undefined;
    }
    return this.transactions.run(async (transaction) => {
      const user = await this.users.create(transaction, {
        ...owner,
        passwordHash,
        emailVerified: false,
        roles: [USER_ROLE],
      });
      const { ip, requestId } = client;
      const target = { targetType: 'user', targetId: user.id };
      await this.audit.record(transaction, {
        action: 'user.registered',
        actorId: user.id,
        ...target,
        ip,
        requestId,
      });
      await this.requests.add(transaction, { kind: 'resend', email, ip, requestId });
      return user;
    });
  }

  /** Names are public, unlike addresses: that one is taken is said at once. */
  private async askForProof(
    { email, ...registration }: PendingRegistration & { email: string },
    { ip, requestId }: Client,
  ): Promise<void> {
    const { username } = registration;
    if (username !== null && (await this.users.findByLogin({ username })))
      throw new AppError('username_taken', 'Choose another username.');
    await this.requests.ask({ kind: 'register', email, registration, ip, requestId });
  }
}
