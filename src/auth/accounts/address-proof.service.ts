import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { UsersService } from '../../users/users.service.js';
import type { Client } from '../auth.types.js';
import { PasswordCheck } from '../passwords/password-check.service.js';
import { SessionsRepository } from '../sessions/sessions.repository.js';
import type { TokenHolder } from './account-token.types.js';
import { EmailVerification } from './email-verification.service.js';
import { RegistrationConfirmation } from './registration-confirmation.service.js';

export interface AddressProof {
  token: string;
  password?: string | null;
}

/** What else the request shows of who confirms. */
export interface Shown {
  /** Id of the user who is signed in, if anybody is. */
  signedIn: string | undefined;
  /** The mark of a browser that registered. */
  mark: string | undefined;
}

/** Decides what a confirmed address means: a new account, or an account in use, by its owner or by somebody else. */
@Injectable()
export class AddressProofs {
  constructor(
    private readonly registrations: RegistrationConfirmation,
    private readonly verification: EmailVerification,
    private readonly users: UsersService,
    private readonly check: PasswordCheck,
    private readonly sessions: SessionsRepository,
  ) {}

  /**
   * @returns whether the account's password is still the one it had
   * @throws AppError `invalid_token`, `invalid_credentials`, `too_many_requests`, `service_unavailable`
   */
  async verify(proof: AddressProof, { signedIn, mark }: Shown, client: Client): Promise<boolean> {
    const password = proof.password ?? undefined;
    const kept = await this.registrations.confirm(proof.token, { password, mark }, client);
    if (kept !== undefined) return kept;
    const own = (holder: TokenHolder): Promise<boolean> => this.isOwn(holder, password, signedIn, client);
    return this.verification.confirm(proof.token, own, client);
  }

  private async isOwn(
    { userId, email }: TokenHolder,
    password: string | undefined,
    signedIn: string | undefined,
    client: Client,
  ): Promise<boolean> {
    if (password !== undefined) {
      const user = await this.users.findWithPassword(userId);
      if (await this.check.matches({ user, name: `e-mail ${email}`, password, client })) return true;
      throw new AppError('invalid_credentials', 'This is not the password of the account.');
    }
    if (signedIn === userId) return true;
    return client.device !== undefined && this.sessions.isSignedInOn(userId, client.device);
  }
}
