import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import type { SecretBox } from '../../common/security/secret-box.js';
import { DataEncryption, FACTOR_SECRETS } from '../../config/data-encryption.service.js';
import { lockWithCredential } from '../../database/live-credential.js';
import type { Transaction } from '../../database/transaction.types.js';
import { hashRecoveryCode, newRecoveryCode } from './recovery-code.js';
import { SecondFactorsRepository, type StoredFactor } from './second-factors.repository.js';
import { newTotpSecret, totpStep } from './totp.js';

const RECOVERY_CODES = 10;

/** What somebody shows beside the password. */
export type FactorProof = { code: string } | { recoveryCode: string };

/** Secrets, time-based codes and recovery codes; each code works once, also in parallel and in other processes. */
@Injectable()
export class SecondFactors {
  private readonly box: SecretBox;

  constructor(
    private readonly repository: SecondFactorsRepository,
    encryption: DataEncryption,
  ) {
    this.box = encryption.boxFor(FACTOR_SECRETS);
  }

  state(userId: string): Promise<{ confirmedAt: Date | null; recoveryCodes: number }> {
    return this.repository.state(userId);
  }

  /** A new secret, which counts once a code of it was shown. @throws AppError `conflict` when a factor is on */
  async offer(transaction: Transaction, userId: string): Promise<string> {
    const secret = newTotpSecret();
    if (!(await this.repository.offer(userId, this.box.seal(secret, userId), transaction)))
      throw new AppError('conflict', 'A second factor is on. Remove it before you set up another one.');
    return secret;
  }

  /**
   * Turns the offered secret on; false when the code is not its.
   * @throws AppError `conflict` without an offer, `unauthenticated` when the session has ended meanwhile
   */
  async confirm(
    transaction: Transaction,
    { id: userId, sessionId }: Pick<AuthUser, 'id' | 'sessionId'>,
    code: string,
  ): Promise<boolean> {
    await lockWithCredential(transaction, userId, sessionId);
    const factor = await this.repository.find(userId, transaction);
    if (!factor || factor.confirmedAt)
      throw new AppError('conflict', 'There is no second factor to confirm.');
    const step = this.stepOf(userId, factor, code);
    return step !== undefined && this.repository.confirm(userId, factor.secret, step, transaction);
  }

  /**
   * New recovery codes in the place of all others. They are shown once and kept as hashes.
   * @throws AppError `conflict` without a second factor
   */
  async renewRecoveryCodes(transaction: Transaction, userId: string): Promise<string[]> {
    if (!(await this.repository.lockConfirmed(userId, transaction)))
      throw new AppError('conflict', 'There is no second factor.');
    const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
    const hashes = codes.flatMap((code) => hashRecoveryCode(code) ?? []);
    await this.repository.putRecoveryCodes(userId, hashes, transaction);
    return codes;
  }

  /** Inside the transaction of what it allows; false when the proof is wrong or was used before. */
  async use(transaction: Transaction, userId: string, proof: FactorProof): Promise<boolean> {
    if ('recoveryCode' in proof) {
      const hash = hashRecoveryCode(proof.recoveryCode);
      return hash !== undefined && this.repository.useRecoveryCode(userId, hash, transaction);
    }
    const factor = await this.repository.find(userId, transaction);
    if (!factor?.confirmedAt) return false;
    const step = this.stepOf(userId, factor, proof.code);
    return step !== undefined && this.repository.useStep(userId, factor.secret, step, transaction);
  }

  /** With its recovery codes; false where none is on. */
  remove(transaction: Transaction, userId: string): Promise<boolean> {
    return this.repository.remove(userId, transaction);
  }

  private stepOf(userId: string, factor: StoredFactor, code: string): number | undefined {
    const secret = this.box.open(factor.secret, userId);
    if (secret === undefined)
      throw new AppError(
        'service_unavailable',
        'The second factor cannot be read: DATA_ENCRYPTION_KEY changed.',
      );
    return totpStep(secret, code, factor.lastStep);
  }
}
