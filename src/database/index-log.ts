import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from './advisory-locks.js';
import type { Transaction } from './transaction.types.js';

/** Retirements are kept for a day after no stored segment needs them. */
export const RETIREMENT_HOURS = 24;
/**
 * A process that has not read for so long, asleep or stopped, may have missed a retirement by the time it has read again,
 * and loads afresh.
 */
export const STALE_MS = (RETIREMENT_HOURS / 2) * 3600_000;

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

/** Deletes retirements of which every running process knows, and which no segment needs that one will load. */
export async function forgetRetirements(dataSource: DataSource): Promise<void> {
  await dataSource.query(
    `delete from retired_versions
     where retired_at < now() - make_interval(hours => $1)
       and sequence <= coalesce((select min(retired_through) from lexical_segments), 9223372036854775807)`,
    [RETIREMENT_HOURS],
  );
}
