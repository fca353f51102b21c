import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Mailer } from '../../mail/mailer.service.js';
import { UsersService } from '../../users/users.service.js';
import { NO_PASSWORD, type UserWithPassword } from '../../users/users.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { AccountMails } from './account-mails.service.js';
import type { AccountRequest } from './account-request.types.js';
import { TOKEN_LIFE } from './account-token.types.js';
import { AccountTokens } from './account-tokens.service.js';
import { hashToken, newToken } from './one-time-token.js';
import { PendingRegistrationsRepository } from './pending-registrations.repository.js';

/** What becomes of a request: a mail, or nothing. */
@Injectable()
export class AccountRequestHandler {
  constructor(
    private readonly users: UsersService,
    private readonly tokens: AccountTokens,
    private readonly pending: PendingRegistrationsRepository,
    private readonly mails: AccountMails,
    private readonly mailer: Mailer,
    private readonly notices: SecurityNotices,
    private readonly audit: AuditService,
  ) {}

  async handle(transaction: Transaction, request: AccountRequest): Promise<void> {
    const ownRequest = request.kind === 'forgot' && request.userId !== undefined;
    // Each kind by itself: a flood of one must not keep the owner from getting another, nor from what the server asks for.
    if (!ownRequest && !(await this.mailer.allows(transaction, `${request.kind} ${request.email}`))) return;
    const user = await this.users.findByLogin({ email: request.email }, transaction);
    if (request.kind === 'register') return this.register(transaction, request, user);
    if (request.kind === 'change_address') return this.changeAddress(transaction, request, user);
    if (!user) return this.confirmAgain(transaction, request);
    if (!user.isActive) return;
    if (request.kind === 'resend' && user.passwordHash !== NO_PASSWORD)
      return this.verify(transaction, request, user);
    return this.reset(transaction, request, user);
  }

  private async register(
    transaction: Transaction,
    { email, ip, registration }: AccountRequest,
    user: UserWithPassword | undefined,
  ): Promise<void> {
    if (user) {
      if (user.isActive) await this.mails.alreadyRegistered(transaction, email, ip, user.id);
      return;
    }
    if (!registration) return;
    const token = newToken();
    const hash = hashToken('verify', token);
    await this.pending.put(transaction, { ...registration, email, hash, life: TOKEN_LIFE.verify });
    await this.mails.verification(transaction, email, token, { ip });
  }

  /** Somebody who registered and has not confirmed. */
  private async confirmAgain(transaction: Transaction, { email, ip }: AccountRequest): Promise<void> {
    const token = newToken();
    if (!(await this.pending.renew(transaction, email, hashToken('verify', token), TOKEN_LIFE.verify)))
      return;
    await this.mails.verification(transaction, email, token, { ip });
  }

  private async verify(
    transaction: Transaction,
    { email, ip }: AccountRequest,
    user: UserWithPassword,
  ): Promise<void> {
    if (user.emailVerified) return;
    const token = await this.tokens.issue(transaction, 'verify', { userId: user.id, email });
    await this.mails.verification(transaction, email, token, { ip, userId: user.id });
  }

  private async reset(
    transaction: Transaction,
    { email, ip, requestId }: AccountRequest,
    user: UserWithPassword,
  ): Promise<void> {
    const token = await this.tokens.issue(transaction, 'reset', { userId: user.id, email });
    await this.mails.reset(transaction, email, user.id, token, ip);
    await this.audit.record(transaction, {
      action: 'password.reset_requested',
      targetType: 'user',
      targetId: user.id,
      ip,
      requestId,
    });
  }

  private async changeAddress(
    transaction: Transaction,
    { email, userId, ip, requestId }: AccountRequest,
    owner: UserWithPassword | undefined,
  ): Promise<void> {
    if (userId === undefined || owner?.id === userId) return;
    // Whether or not the address is taken: who asks may read the present one, too.
    const client = { ip, requestId, userAgent: null };
    await this.notices.raise(transaction, { kind: 'email.change_requested', userId, client });
    if (owner) return this.mails.addressInUse(transaction, email, owner.id);
    const token = await this.tokens.issue(transaction, 'change_address', { userId, email });
    await this.mails.changeAddress(transaction, email, userId, token);
  }
}
