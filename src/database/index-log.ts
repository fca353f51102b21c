import { ADVISORY_LOCKS } from './advisory-locks.js';
import type { Transaction } from './transaction.types.js';

/**
 * Waits for the right to write to the index log, held until the transaction ends. Numbers taken under it are
 * in the order of the commits, so a reader that saw one number has seen every lower one. Take it late: every
 * other writer waits.
 */
export async function lockIndexLog(transaction: Transaction): Promise<void> {
  await transaction.query('select pg_advisory_xact_lock($1)', [ADVISORY_LOCKS.indexLog]);
}

/** The next number of the index log; takes the lock. */
export async function nextIndexSequence(transaction: Transaction): Promise<number> {
  await lockIndexLog(transaction);
  const rows: { sequence: string }[] = await transaction.query(
    "select nextval('index_sequence') as sequence",
  );
  return Number(rows[0]!.sequence);
}

/**
 * Announces to every index that these versions are no longer to be found. Belongs into the transaction that
 * replaces or deletes them, as late as possible; takes the lock.
 */
export async function retireVersions(transaction: Transaction, versionIds: readonly string[]): Promise<void> {
  if (versionIds.length === 0) return;
  await lockIndexLog(transaction);
  await transaction.query(
    `insert into retired_versions (sequence, version_id)
     select nextval('index_sequence'), version_id from unnest($1::uuid[]) as version_id`,
    [versionIds],
  );
}
