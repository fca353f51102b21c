import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from './transaction.types.js';

/** Serialization failure and deadlock: the database asks for another try. */
const RETRYABLE = new Set(['40001', '40P01']);
const MAX_ATTEMPTS = 3;

@Injectable()
export class Transactions {
  constructor(private readonly source: DataSource) {}

  /** Resolves when the database answers. */
  async ping(): Promise<void> {
    await this.source.query('select 1');
  }

  /**
   * Runs `work` in one transaction. No network, model or file call belongs inside: in the embedded database
   * every other query waits. `work` may run again after a conflict, so it must have no effect outside.
   */
  async run<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.source.transaction(work);
      } catch (error) {
        const code = (error as { code?: string }).code ?? '';
        if (!RETRYABLE.has(code) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }
}
