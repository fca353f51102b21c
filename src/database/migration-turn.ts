import type { DataSource } from 'typeorm';
import { ADVISORY_LOCKS } from './advisory-locks.js';

/** Waits for others that migrate: two at once would both make the first table. The turn ends with the data source. */
export async function takeMigrationTurn(source: DataSource): Promise<void> {
  const runner = source.createQueryRunner();
  await runner.query(`select pg_advisory_lock(${ADVISORY_LOCKS.migrations})`);
}
