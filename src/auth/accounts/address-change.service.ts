import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import type { Client } from '../auth.types.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { AccountClaims } from './account-claims.service.js';
import { AccountMails } from './account-mails.service.js';
import { AccountRequests } from './account-requests.service.js';
import { AccountTokens, invalidToken } from './account-tokens.service.js';

/** Another address for an account: from when somebody proved to read it. */
@Injectable()
export class AddressChange {
  constructor(
    private readonly users: UsersService,
    private readonly sessions: SessionsRepository,
    private readonly tokens: AccountTokens,
    private readonly mails: AccountMails,
    private readonly requests: AccountRequests,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
    private readonly claims: AccountClaims,
  ) {}

  /** The same for every address, and told to the one that the account has; also one that belongs to another account: its owner hears of it by mail. */
  ask(userId: string, email: string, { ip, requestId }: Client): Promise<void> {
    return this.requests.ask({ kind: 'change_address', email, userId, ip, requestId });
  }

  /**
   * By whoever uses the account, too: the owner of an address must not be talked into lending it to another account.
   * @param signedIn id of the user who is signed in, if anybody is
   * @throws AppError `invalid_token`, `forbidden`, `email_taken` when the address got an account in between
   */
  async confirm(token: string, signedIn: string | undefined, client: Client): Promise<void> {
    const { userId } = await this.tokens.peek('change_address', token);
    const { device } = client;
    if (signedIn !== userId && !(device !== undefined && (await this.sessions.isSignedInOn(userId, device))))
      throw new AppError('forbidden', 'Sign in to the account that asked for it, and confirm again.');
    await this.transactions.run(async (transaction) => {
      const before = await this.users.lockFresh(transaction, userId);
      if (!before) throw invalidToken();
      const { email } = await this.tokens.redeem(transaction, 'change_address', token);
      await this.users.changeEmail(transaction, userId, email);
      if (!before.emailVerified) await this.claims.leaveUnproved(transaction, userId, client);
      await this.tokens.dropAll(transaction, userId);
      await this.audit.record(transaction, {
        action: 'email.changed',
        actorId: userId,
        targetType: 'user',
        targetId: userId,
        ip: client.ip,
        requestId: client.requestId,
      });
      await this.mails.addressChanged(transaction, before.email, userId, client.ip);
    });
    this.users.announceAccess(userId);
  }
}
