import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { Settings } from '../../config/settings.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { Client } from '../auth.types.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { FactorCheck, invalidCode } from './factor-check.service.js';
import type { FactorProof } from './second-factors.service.js';

/** Showing again, within a session, all that signing in asks for. */
@Injectable()
export class Reauthentication {
  constructor(
    private readonly check: PasswordCheck,
    private readonly factor: FactorCheck,
    private readonly sessions: SessionsService,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
  ) {}

  /**
   * @returns seconds for which the session may make sensitive changes
   * @throws AppError `invalid_credentials`, `invalid_code`, `too_many_requests`, `service_unavailable`
   */
  async confirm(
    user: AuthUser,
    password: string,
    proof: FactorProof | undefined,
    client: Client,
  ): Promise<number> {
    const owner = await this.check.confirm(user.id, password, client);
    const note = (transaction: Transaction): Promise<void> => this.note(transaction, user, client);
    if (owner.secondFactor) {
      if (!proof) throw invalidCode();
      await this.factor.with(user.id, proof, client, note);
    } else await this.transactions.run(note);
    this.sessions.changed(user.sessionId);
    return this.settings.recentSignIn;
  }

  private async note(transaction: Transaction, { id, sessionId }: AuthUser, client: Client): Promise<void> {
    await this.sessions.authenticatedAgain(transaction, sessionId);
    await this.audit.record(transaction, {
      action: 'session.reauthenticated',
      actorId: id,
      targetType: 'session',
      targetId: sessionId,
      ip: client.ip,
      requestId: client.requestId,
    });
  }
}
