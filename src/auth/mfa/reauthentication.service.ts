import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import type { TokenedSession } from '../sessions/session-tokens.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { SignInService } from '../sign-in.service.js';
import { FactorCheck, invalidCode } from './factor-check.service.js';
import type { FactorProof } from './second-factors.service.js';

/**
 * Showing again, within a session, all that signing in asks for. A new session takes its place: whoever has a copy of
 * the tokens before does not gain what was shown.
 */
@Injectable()
export class Reauthentication {
  constructor(
    private readonly check: PasswordCheck,
    private readonly factor: FactorCheck,
    private readonly signIn: SignInService,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
  ) {}

  /** @throws AppError `invalid_credentials`, `invalid_code`, `too_many_requests`, `service_unavailable`, `unauthenticated` */
  async confirm(
    user: AuthUser,
    password: string,
    proof: FactorProof | undefined,
    client: Client,
  ): Promise<TokenedSession> {
    const owner = await this.check.confirm(user.id, password, client);
    const replace = (transaction: Transaction) => this.replace(transaction, user.sessionId, owner, client);
    if (owner.secondFactor && !proof) throw invalidCode();
    const opened =
      owner.secondFactor && proof
        ? await this.factor.with(user.id, proof, client, replace)
        : await this.transactions.run(replace);
    this.sessions.opened(user.id);
    return opened;
  }

  private async replace(
    transaction: Transaction,
    sessionId: string,
    owner: UserWithPassword,
    client: Client,
  ): Promise<TokenedSession> {
    const opened = await this.signIn.reopen(transaction, sessionId, owner, client);
    if (!opened) throw new AppError('unauthenticated', 'The session has ended. Sign in.');
    await this.audit.record(transaction, {
      action: 'session.reauthenticated',
      actorId: owner.id,
      targetType: 'session',
      targetId: opened.session.id,
      ip: client.ip,
      requestId: client.requestId,
      details: { before: sessionId },
    });
    return opened;
  }
}
