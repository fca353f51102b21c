import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { Transactions } from '../../database/transactions.js';
import { UserChanges } from '../../users/user-changes.service.js';
import { UsersService } from '../../users/users.service.js';
import type { Client } from '../auth.types.js';
import { AccountMails } from './account-mails.service.js';
import { AccountRequests } from './account-requests.service.js';
import { AccountTokens } from './account-tokens.service.js';

/** Another address for an account: from when somebody proved to read it. */
@Injectable()
export class AddressChange {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly mails: AccountMails,
    private readonly requests: AccountRequests,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
    private readonly changes: UserChanges,
  ) {}

  /** The same for every address, also one that belongs to another account: its owner hears of it by mail. */
  ask(userId: string, email: string, { ip, requestId }: Client): Promise<void> {
    return this.requests.ask({ kind: 'change_address', email, userId, ip, requestId });
  }

  /** @throws AppError `invalid_token`, `email_taken` when the address got an account in between */
  async confirm(token: string, client: Client): Promise<void> {
    const { userId } = await this.tokens.peek('change_address', token);
    await this.transactions.run(async (transaction) => {
      await this.users.lock(transaction, userId);
      const { email } = await this.tokens.redeem(transaction, 'change_address', token);
      const before = await this.users.changeEmail(transaction, userId, email);
      await this.tokens.dropAll(transaction, userId);
      await this.audit.record(transaction, {
        action: 'email.changed',
        actorId: userId,
        targetType: 'user',
        targetId: userId,
        ip: client.ip,
        requestId: client.requestId,
      });
      await this.mails.addressChanged(transaction, before, userId, client.ip);
    });
    this.changes.announce(userId);
  }
}
