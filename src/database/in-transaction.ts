import type { Client } from 'pg';

/** Whether a connection of the driver is in a transaction, by what the server said last. */
export const isInTransaction = (connection: unknown): boolean =>
  (connection as Pick<Client, 'getTransactionStatus'>).getTransactionStatus() !== 'I';
