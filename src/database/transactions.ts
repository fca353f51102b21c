import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Settings } from '../config/settings.js';
import type { Transaction } from './transaction.types.js';

/** Serialization failure and deadlock: the database asks for another try. */
const RETRYABLE = new Set(['40001', '40P01']);
const MAX_ATTEMPTS = 3;
/** What a commit can be refused with: nothing was written then. */
const REFUSED = /^(23|40(001|002|P01))/;

@Injectable()
export class Transactions {
  /** The end of the transaction that began last. */
  private last: Promise<void> = Promise.resolve();
  private readonly unanswered = new WeakSet<object>();

  constructor(
    private readonly source: DataSource,
    private readonly settings: Settings,
  ) {}

  /** Resolves when the database answers, and takes what is written. */
  async ping(): Promise<void> {
    const rows = await this.source.query<{ read_only: string }[]>(
      `select current_setting('transaction_read_only') as read_only`,
    );
    if (rows[0]?.read_only === 'on') throw new Error('the database is read-only');
  }

  /**
   * Runs `work` in one transaction. No network, model or file call belongs inside: in the embedded database
   * every other query waits. `work` may run again after a conflict, so it must have no effect outside.
   */
  run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.settings.embedded ? this.afterLast(() => this.attempt(work)) : this.attempt(work);
  }

  /**
   * Whether what failed with this error may be written all the same, now or in a moment: the connection was lost after the
   * commit had been asked for.
   */
  mayBeCommitted(error: unknown): boolean {
    return this.unanswered.has(error as object);
  }

  /**
   * The embedded database runs one at a time in any case. Where they wait here, and not with a connection each in the
   * line of the database, a single query waits for one of them and not for all.
   */
  private afterLast<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work);
    this.last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  private async attempt<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      let ending = false;
      try {
        return await this.source.transaction(async (tx) => {
          const result = await work(tx);
          ending = true;
          return result;
        });
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        if (RETRYABLE.has(code) && attempt < MAX_ATTEMPTS) continue;
        if (ending && !REFUSED.test(code)) this.unanswered.add(error as object);
        throw error;
      }
    }
  }
}
