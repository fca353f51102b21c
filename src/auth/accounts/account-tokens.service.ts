import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { Transaction } from '../../database/transaction.types.js';
import { UserChanges } from '../../users/user-changes.service.js';
import { TOKEN_LIFE, type TokenHolder, type TokenPurpose } from './account-token.types.js';
import { AccountRequestsRepository } from './account-requests.repository.js';
import { AccountTokensRepository } from './account-tokens.repository.js';
import { hashToken, looksLikeToken, newToken } from './one-time-token.js';

/** Tokens that are sent by mail: for one user, one address and one purpose, once, for a while. The newest wins. */
@Injectable()
export class AccountTokens {
  constructor(
    private readonly repository: AccountTokensRepository,
    private readonly requests: AccountRequestsRepository,
    changes: UserChanges,
  ) {
    changes.onAccessEnd((transaction, userId) => this.dropAll(transaction, userId));
    changes.onSessionEnd((transaction, userId) => this.dropAddressChange(transaction, userId));
  }

  /** @returns the token, which is nowhere else: put it into a mail and forget it. */
  async issue(transaction: Transaction, purpose: TokenPurpose, holder: TokenHolder): Promise<string> {
    const token = newToken();
    const hash = hashToken(purpose, token);
    await this.repository.put(transaction, { ...holder, purpose, hash, life: TOKEN_LIFE[purpose] });
    return token;
  }

  /**
   * Whose token it is, without using it up: before work that is too slow for a transaction.
   * @throws AppError `invalid_token`
   */
  async peek(purpose: TokenPurpose, token: string): Promise<TokenHolder> {
    const holder = looksLikeToken(token)
      ? await this.repository.find(purpose, hashToken(purpose, token))
      : undefined;
    if (!holder) throw invalidToken();
    return holder;
  }

  /** Uses the token up, together with what the transaction does. @throws AppError `invalid_token` */
  async redeem(transaction: Transaction, purpose: TokenPurpose, token: string): Promise<TokenHolder> {
    const holder = looksLikeToken(token)
      ? await this.repository.take(transaction, purpose, hashToken(purpose, token))
      : undefined;
    if (!holder) throw invalidToken();
    return holder;
  }

  /** Nothing that was sent before counts any more. Happens by itself where the user's access ends. */
  async dropAll(transaction: Transaction, userId: string): Promise<void> {
    await this.dropAddressChange(transaction, userId);
    await this.repository.dropAll(transaction, userId);
  }

  /** Whoever asked for another address may be the one whose session was ended. */
  private async dropAddressChange(transaction: Transaction, userId: string): Promise<void> {
    // First what was asked for: while it is being looked at, this waits, and then sees the token.
    await this.requests.dropAddressChanges(transaction, userId);
    await this.repository.drop(transaction, userId, 'change_address');
  }

  purge(): Promise<void> {
    return this.repository.purge();
  }
}

/** One answer for every reason: unknown, used, replaced, expired, of another kind, of another address. */
export const invalidToken = (): AppError =>
  new AppError('invalid_token', 'The link or code is not valid any more. Ask for a new one.');
