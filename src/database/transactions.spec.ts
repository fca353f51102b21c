import type { DataSource } from 'typeorm';
import type { Settings } from '../config/settings.js';
import type { Transaction } from './transaction.types.js';
import { Transactions } from './transactions.js';

const failure = (code: string): Error => Object.assign(new Error(code), { code });

/** A database whose commits fail with this. */
function committing(error: Error): Transactions {
  const source = {
    transaction: async (work: (tx: Transaction) => Promise<unknown>) => {
      await work({} as Transaction);
      throw error;
    },
  };
  return new Transactions(source as unknown as DataSource, { embedded: false } as Settings);
}

describe('what is known of a transaction that failed', () => {
  test.each(['ECONNRESET', '57P01', '08006', '40003'])(
    'it may be committed where %s came instead of the answer to that',
    async (code) => {
      const transactions = committing(failure(code));
      const error = await transactions.run(() => Promise.resolve()).catch((reason: unknown) => reason);
      expect([(error as { code: string }).code, transactions.mayBeCommitted(error)]).toEqual([code, true]);
    },
  );

  test.each(['23505', '23503', '40001', '40P01'])(
    'it is not where the commit was refused: %s',
    async (code) => {
      const transactions = committing(failure(code));
      const error = await transactions.run(() => Promise.resolve()).catch((reason: unknown) => reason);
      expect([(error as { code: string }).code, transactions.mayBeCommitted(error)]).toEqual([code, false]);
    },
  );

  test('it is not where it broke off before', async () => {
    const transactions = committing(failure('ECONNRESET'));
    const lost = failure('ECONNRESET');
    const error = await transactions.run(() => Promise.reject(lost)).catch((reason: unknown) => reason);
    expect([error === lost, transactions.mayBeCommitted(error)]).toEqual([true, false]);
  });
});
