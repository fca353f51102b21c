import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { UsersService } from '../../users/users.service.js';
import { NO_PASSWORD } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { AccountClaims } from './account-claims.service.js';
import { AccountRequests } from './account-requests.service.js';
import type { TokenHolder } from './account-token.types.js';
import { AccountTokens } from './account-tokens.service.js';

/** Confirms the address of an account that is in use already. */
@Injectable()
export class EmailVerification {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly claims: AccountClaims,
    private readonly requests: AccountRequests,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * @param own whether the one who confirms is also the one who uses the account. If nobody knows, the account goes
   * to who reads the address: with a new password, for which a mail goes out.
   * @throws AppError `invalid_token`
   */
  async confirm(
    token: string,
    own: (holder: TokenHolder) => Promise<boolean>,
    client: Client,
  ): Promise<boolean> {
    const holder = await this.tokens.peek('verify', token);
    const isOwn = await own(holder);
    await this.transactions.run(async (transaction) => {
      await this.users.lock(transaction, holder.userId);
      await this.tokens.redeem(transaction, 'verify', token);
      await this.users.markVerified(transaction, holder.userId);
      await this.recordVerified(transaction, holder.userId, client);
      if (!isOwn) await this.handOver(transaction, holder, client);
    });
    this.users.announceAccess(holder.userId);
    return isOwn;
  }

  recordVerified(transaction: Transaction, userId: string, client: Client): Promise<void> {
    const { ip, requestId } = client;
    const target = { targetType: 'user', targetId: userId };
    return this.audit.record(transaction, {
      action: 'email.verified',
      actorId: userId,
      ...target,
      ip,
      requestId,
    });
  }

  private async handOver(transaction: Transaction, holder: TokenHolder, client: Client): Promise<void> {
    await this.users.setPasswordHash(transaction, holder.userId, NO_PASSWORD);
    await this.claims.evict(transaction, holder.userId, client);
    await this.requests.chooseAnew(transaction, { id: holder.userId, email: holder.email }, client);
  }
}
