import { Injectable } from '@nestjs/common';
import { ADVISORY_LOCKS } from '../database/advisory-locks.js';
import type { Transaction } from '../database/transaction.types.js';

/** What is a user's alone and goes at once; documents and what counts them go in batches. */
const OWN_TABLES = [
  'refresh_tokens',
  'api_keys',
  'second_factors',
  'account_tokens',
  'account_requests',
  'outgoing_mails',
  'collection_grants',
  'user_roles',
  'conversations',
  'answers',
  'llm_user_usage',
  'idempotency_keys',
] as const;

@Injectable()
export class AccountErasureRepository {
  /** Whether somebody else can administrate. Held until the transaction ends, so that two cannot leave at once. */
  async leavesAdmin(transaction: Transaction, userId: string): Promise<boolean> {
    await transaction.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.lastAdministrator]);
    const [row] = await transaction.query<{ own: boolean; others: boolean }[]>(
      `select coalesce(bool_or(u.id = $1), false) as own, coalesce(bool_or(u.id <> $1), false) as others
       from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
       where r.name = 'admin' and u.is_active and u.password_hash <> '!'`,
      [userId],
    );
    return !row?.own || row.others;
  }

  /** Nobody signs in to the account from here on, and nothing is issued to it. */
  async shutOut(transaction: Transaction, userId: string): Promise<void> {
    await transaction.query('update users set is_active = false where id = $1', [userId]);
  }

  /** Leaves a row without a name, until nothing refers to it any more. */
  async anonymise(transaction: Transaction, userId: string): Promise<void> {
    for (const table of OWN_TABLES)
      await transaction.query(`delete from ${table} where user_id = $1`, [userId]);
    await transaction.query('delete from webhook_endpoints where owner_id = $1', [userId]);
    await transaction.query(
      `delete from account_requests where email = (select email from users where id = $1)`,
      [userId],
    );
    await transaction.query(
      `update users set email = 'erased-' || id || '@erased.invalid', username = null, full_name = null,
         password_hash = '!', is_active = false, email_verified_at = null, updated_at = now() where id = $1`,
      [userId],
    );
  }
}
