import { jest } from '@jest/globals';
import type { Transaction } from '../../src/database/transaction.types.js';
import type { TestApp } from './app.js';

interface Source {
  transaction(work: (tx: Transaction) => Promise<unknown>): Promise<unknown>;
}

/**
 * The next transaction in which this service does this is committed, and the connection is lost before its answer is
 * there; all others are as ever.
 */
export class LostCommit {
  /** How many answers were lost. */
  lost = 0;
  private readonly spies: { mockRestore(): void }[];

  constructor(app: TestApp, service: object, method: string) {
    let meant: unknown;
    const methods = service as Record<string, (tx: unknown, ...rest: unknown[]) => unknown>;
    const original = methods[method]!.bind(service);
    const doing = jest.spyOn(methods, method).mockImplementation((tx, ...rest) => {
      meant ??= tx;
      return original(tx, ...rest);
    });
    const source = app.source as unknown as Source;
    const run = source.transaction.bind(source);
    const committing = jest.spyOn(source, 'transaction').mockImplementation(async (work) => {
      let own: unknown;
      const result = await run((tx) => {
        own = tx;
        return work(tx);
      });
      if (own !== meant || this.lost > 0) return result;
      this.lost++;
      const reset = { code: 'ECONNRESET' };
      throw Object.assign(new Error('read ECONNRESET'), { ...reset, driverError: reset });
    });
    this.spies = [doing, committing];
  }

  end(): void {
    for (const spy of this.spies) spy.mockRestore();
  }
}
