import type { Client } from 'pg';
import type { QueryRunner } from 'typeorm';

/** Whether a connection is in a transaction, by what the server said last. */
export async function isInTransaction(runner: QueryRunner): Promise<boolean> {
  const client = (await runner.connect()) as Pick<Client, 'getTransactionStatus'>;
  return client.getTransactionStatus() !== 'I';
}
