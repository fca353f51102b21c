import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { AppError } from '../../common/errors/app-error.js';
import type { SecretBox } from '../../common/security/secret-box.js';
import { DataEncryption } from '../../config/data-encryption.service.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { DeviceLabels } from '../sessions/session-tokens.service.js';

/** Seconds between the password and the code. */
export const MFA_TOKEN_LIFE = 300;
const CONTEXT = 'sign-in';

interface Claims extends DeviceLabels {
  userId: string;
  /** Of the password's hash: another password voids the token. */
  password: string;
  issuedAt: number;
}

/** Says that somebody knows the password of an account, for the second step of signing in and nothing else. */
@Injectable()
export class MfaTokens {
  private readonly box: SecretBox;

  constructor(encryption: DataEncryption) {
    this.box = encryption.boxFor('sign-in with a second factor');
  }

  issue(user: UserWithPassword, labels: DeviceLabels): string {
    const claims: Claims = {
      userId: user.id,
      password: fingerprint(user.passwordHash),
      issuedAt: Date.now(),
      deviceId: labels.deviceId,
      deviceName: labels.deviceName,
    };
    return this.box.seal(JSON.stringify(claims), CONTEXT).toString('base64url');
  }

  /** @throws AppError `invalid_mfa_token` */
  read(token: string): { userId: string; labels: DeviceLabels; belongsTo(user: UserWithPassword): boolean } {
    const text = this.box.open(Buffer.from(token, 'base64url'), CONTEXT);
    if (text === undefined) throw invalidMfaToken();
    const { userId, password, issuedAt, deviceId, deviceName } = JSON.parse(text) as Claims;
    const age = (Date.now() - issuedAt) / 1000;
    if (age > MFA_TOKEN_LIFE || age < -MFA_TOKEN_LIFE) throw invalidMfaToken();
    return {
      userId,
      labels: { deviceId, deviceName },
      belongsTo: (user) => fingerprint(user.passwordHash) === password,
    };
  }
}

const fingerprint = (hash: string): string =>
  createHash('sha256').update(hash).digest('base64url').slice(0, 22);

export const invalidMfaToken = (): AppError =>
  new AppError(
    'invalid_mfa_token',
    'The sign-in took too long or has changed. Begin again with the password.',
  );
