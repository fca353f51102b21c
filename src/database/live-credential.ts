import { AppError } from '../common/errors/app-error.js';
import type { Transaction } from './transaction.types.js';

/**
 * Holds a user's row until the transaction ends. Whatever ends sessions, or takes an account from who uses it, holds the same row: it finds what is made
 * behind this, or keeps it from being made. Also, parallel requests of one user count each other.
 * @throws AppError `unauthenticated` unless the user is active then, and the session or API key of this id still good
 */
export async function lockWithCredential(
  tx: Transaction,
  userId: string,
  credentialId: string,
): Promise<void> {
  await tx.query('select 1 from users where id = $1 for no key update', [userId]);
  const rows = await tx.query<unknown[]>(
    `select 1 from users u where u.id = $1 and u.is_active and (
       exists (select from refresh_tokens s where s.id = $2 and s.user_id = u.id and s.revoked_at is null)
       or exists (select from api_keys k where k.id = $2 and k.user_id = u.id and k.revoked_at is null))`,
    [userId, credentialId],
  );
  if (rows.length === 0) throw new AppError('unauthenticated', 'The session has ended. Sign in again.');
}
