import type { Db } from 'pg-boss';
import type { DataSource, QueryRunner } from 'typeorm';
import { Slots } from '../common/resilience/slots.js';
import { isInTransaction } from '../database/in-transaction.js';
import type { Transaction } from '../database/transaction.types.js';

const overRunner = (runner: Pick<QueryRunner, 'query'>): Db => ({
  executeSql: async (text, values) => {
    const result = await runner.query(text, values as unknown[], true);
    return { rows: result.records };
  },
});

/** Jobs join the caller's transaction. */
export const overTransaction = (transaction: Transaction): Db => {
  const runner = transaction.queryRunner;
  if (!runner) throw new Error('a job joins an open transaction');
  return overRunner(runner);
};

/** pg-boss speaks through our own pool, of which requests keep half, also where looking for jobs takes long. */
export class JobConnections implements Db {
  private readonly slots: Slots;

  constructor(
    private readonly source: DataSource,
    poolSize: number,
  ) {
    this.slots = new Slots(Math.floor(poolSize / 2));
  }

  /**
   * The library sends transactions as one text, `begin` to `commit`: what fails in between would leave the connection in
   * a transaction that nobody ends.
   */
  executeSql(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    return this.slots.run(async () => {
      const runner = this.source.createQueryRunner();
      try {
        const connection: unknown = await runner.connect();
        try {
          return await overRunner(runner).executeSql(text, values);
        } catch (error) {
          // Where the connection is gone, so is its transaction.
          if (isInTransaction(connection)) await runner.query('rollback').catch(() => undefined);
          throw error;
        }
      } finally {
        await runner.release();
      }
    });
  }
}
