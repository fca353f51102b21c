import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { addressKey } from '../../common/security/address.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { PasswordAttempts } from '../passwords/password-attempts.service.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import { SecondFactors, type FactorProof } from './second-factors.service.js';

/** The one way to check a code, so that guesses are counted together: of all routes, devices and processes. */
@Injectable()
export class FactorCheck {
  constructor(
    private readonly factors: SecondFactors,
    private readonly attempts: PasswordAttempts,
    private readonly sessions: SessionsRepository,
    private readonly notices: SecurityNotices,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Uses the proof up and does what it allows, both or neither.
   * @throws AppError `invalid_code`, `too_many_requests`, and whatever `allowed` throws
   */
  async with<T>(
    userId: string,
    proof: FactorProof,
    client: Client,
    allowed: (transaction: Transaction) => Promise<T>,
  ): Promise<T> {
    const { device } = client;
    // Whoever has the password alone must not keep its owner out.
    const known = device !== undefined && (await this.sessions.knowsDevice(userId, device));
    const attempt = await this.attempts.reserve({
      account: `second factor of ${userId}`,
      knownDevice: known ? device : undefined,
      ip: client.ip,
    });
    const done = await this.transactions
      .run(async (transaction) => {
        if (!(await this.factors.use(transaction, userId, proof))) return undefined;
        if ('recoveryCode' in proof)
          await this.notices.raise(transaction, { kind: 'mfa.recovery_code_used', userId, client });
        return { value: await allowed(transaction) };
      })
      .catch(async (error: unknown) => {
        await attempt.undone();
        throw error;
      });
    if (!done) {
      this.countRefusal(userId, client);
      throw invalidCode();
    }
    await attempt.succeeded();
    return done.value;
  }

  private countRefusal(userId: string, client: Client): void {
    this.audit.count(
      {
        action: 'mfa.refused',
        targetType: 'user',
        targetId: userId,
        ip: addressKey(client.ip ?? undefined),
        requestId: client.requestId,
      },
      'wrong',
    );
  }
}

export const invalidCode = (): AppError =>
  new AppError('invalid_code', 'The code is wrong, or was used already. Wait for the next one.');
