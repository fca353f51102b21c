import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { UsersService } from '../users/users.service.js';
import type { LoginName, UserWithPassword } from '../users/users.types.js';
import type { Client } from './auth.types.js';
import { MfaTokens } from './mfa/mfa-tokens.service.js';
import { PasswordCheck } from './passwords/password-check.service.js';
import { PasswordHasher } from './passwords/password-hasher.service.js';
import type { Refund } from './passwords/refund.types.js';
import { SessionTokens, type DeviceLabels, type TokenedSession } from './sessions/session-tokens.service.js';

/** The password was right; a code is still to come. */
export interface FirstStep {
  mfaToken: string;
}

/** Two sign-ins at once may both want to renew an outdated hash; the second one then checks the new one. */
const ATTEMPTS = 2;

@Injectable()
export class SignInService {
  constructor(
    private readonly users: UsersService,
    private readonly check: PasswordCheck,
    private readonly passwords: PasswordHasher,
    private readonly sessionTokens: SessionTokens,
    private readonly transactions: Transactions,
    private readonly mfaTokens: MfaTokens,
    private readonly settings: Settings,
  ) {}

  /**
   * @throws AppError `invalid_credentials`, `account_disabled` (only to who knows the password),
   * `too_many_requests`, `service_unavailable`
   */
  async signIn(
    login: LoginName,
    password: string,
    labels: DeviceLabels,
    client: Client,
  ): Promise<TokenedSession | FirstStep> {
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const user = await this.users.findByLogin(login);
      const checked = { user, name: nameOf(login), password, client };
      const entered = await this.check.ifRight(checked, (refund) =>
        this.enter(user, password, labels, client, refund),
      );
      if (entered === undefined) break;
      if (entered !== 'changed') return entered;
    }
    throw new AppError('invalid_credentials', 'The account or the password is wrong.');
  }

  /**
   * With the right password. Undefined for an account that is as good as none, `changed` when the user is another by
   * now than was checked.
   */
  private async enter(
    user: UserWithPassword | undefined,
    password: string,
    labels: DeviceLabels,
    client: Client,
    refund: Refund,
  ): Promise<TokenedSession | FirstStep | 'changed' | undefined> {
    if (!user || !this.mayEnter(user) || !user.isActive) await this.check.giveBack(refund);
    if (!user || !this.mayEnter(user)) return undefined;
    if (!user.isActive) throw new AppError('account_disabled', 'Ask an administrator to enable the account.');
    if (!(await this.renewHash(user, password))) {
      await this.check.giveBack(refund);
      return 'changed';
    }
    if (user.secondFactor) {
      await this.check.giveBack(refund);
      return { mfaToken: this.mfaTokens.issue(user, labels) };
    }
    const opened = await this.sessionTokens.openFor(user, labels, client, refund);
    if (opened) return opened;
    await this.check.giveBack(refund);
    return 'changed';
  }

  /** Without a confirmed address where one is demanded, an account is as good as none, also to who has its password. */
  private mayEnter(user: UserWithPassword): boolean {
    return user.emailVerified || !this.settings.requireEmailVerification;
  }

  /** With today's parameters, if it has others. False when the password was changed meanwhile. */
  private async renewHash(user: UserWithPassword, password: string): Promise<boolean> {
    if (!this.passwords.isOutdated(user.passwordHash)) return true;
    const renewed = await this.passwords.hash(password);
    const done = await this.transactions.run(async (transaction) => {
      if (!(await this.users.lockUnchanged(transaction, user))) return false;
      await this.users.setPasswordHash(transaction, user.id, renewed);
      return true;
    });
    if (done) user.passwordHash = renewed;
    return done;
  }

  /** In the place of another session of the user's, which ends. Undefined when that one has ended, and as for `open`. */
  async reopen(
    transaction: Transaction,
    sessionId: string,
    user: UserWithPassword,
    client: Client,
  ): Promise<TokenedSession | undefined> {
    if (!(await this.users.lockUnchanged(transaction, user))) return undefined;
    const labels = await this.sessionTokens.replace(transaction, sessionId, user.id, client);
    return labels && this.open(transaction, user, labels, client);
  }

  /** Undefined when the user is not active any more, or has another password than was checked. */
  open(
    transaction: Transaction,
    user: UserWithPassword,
    labels: DeviceLabels,
    client: Client,
  ): Promise<TokenedSession | undefined> {
    return this.sessionTokens.open(transaction, user, labels, client);
  }
}

const nameOf = (login: LoginName): string =>
  'email' in login ? `e-mail ${login.email}` : `username ${login.username.toLowerCase()}`;
