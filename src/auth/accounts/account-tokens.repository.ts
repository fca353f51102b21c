import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type { TokenHolder, TokenPurpose } from './account-token.types.js';

/** Of an active user who still has the address that it was sent to, unless it is for another one. */
const VALID = `
  t.token_hash = $1 and t.purpose = $2 and t.expires_at > now() and u.id = t.user_id and u.is_active
  and (t.purpose = 'change_address' or u.email = t.email)`;

@Injectable()
export class AccountTokensRepository {
  constructor(private readonly source: DataSource) {}

  /** In the place of any other token of this purpose. */
  async put(
    transaction: Transaction,
    token: TokenHolder & { purpose: TokenPurpose; hash: Buffer; life: number },
  ): Promise<void> {
    await transaction.query(
      `insert into account_tokens (user_id, purpose, email, token_hash, expires_at)
       values ($1, $2, $3, $4, now() + make_interval(secs => $5::float8))
       on conflict (user_id, purpose) do update set
         email = excluded.email, token_hash = excluded.token_hash, created_at = now(), expires_at = excluded.expires_at`,
      [token.userId, token.purpose, token.email, token.hash, token.life],
    );
  }

  async find(purpose: TokenPurpose, hash: Buffer): Promise<TokenHolder | undefined> {
    const rows = await this.source.query<TokenHolder[]>(
      `select t.user_id as "userId", t.email from account_tokens t, users u where ${VALID}`,
      [hash, purpose],
    );
    return rows[0];
  }

  /** Of any number of parallel calls, one gets the row. */
  async take(
    transaction: Transaction,
    purpose: TokenPurpose,
    hash: Buffer,
  ): Promise<TokenHolder | undefined> {
    const [rows] = await transaction.query<[TokenHolder[], number]>(
      `delete from account_tokens t using users u where ${VALID} returning t.user_id as "userId", t.email`,
      [hash, purpose],
    );
    return rows[0];
  }

  async dropAll(transaction: Transaction, userId: string): Promise<void> {
    await transaction.query('delete from account_tokens where user_id = $1', [userId]);
  }

  async drop(transaction: Transaction, userId: string, purpose: TokenPurpose): Promise<void> {
    await transaction.query('delete from account_tokens where user_id = $1 and purpose = $2', [
      userId,
      purpose,
    ]);
  }

  async purge(): Promise<void> {
    await this.source.query(`delete from account_tokens where expires_at < now() - interval '1 day'`);
  }
}
