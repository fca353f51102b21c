import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import type { LimiterFactory } from './attempt-counter.js';

const TABLE = 'rate_limits';

interface Query {
  text: string;
  values?: unknown[];
}

/** Counters in the database: they hold for all processes, and outlive them. */
@Injectable()
export class AttemptsRepository {
  readonly limiter: LimiterFactory = (keyPrefix, points, duration) =>
    new RateLimiterPostgres({
      storeClient: { query: (query: Query) => this.query(query) },
      storeType: 'client',
      tableName: TABLE,
      tableCreated: true,
      // Its timer would outlive the application; `purge` does that.
      clearExpiredByTimeout: false,
      keyPrefix,
      points,
      duration,
    });

  constructor(private readonly source: DataSource) {}

  /** Gives back one point of each, in one statement; always in the same order, so that two do not block each other. */
  async decrement(keys: readonly string[]): Promise<void> {
    await this.source.query(
      `with held as (select key from ${TABLE} where key = any($1) order by key for no key update)
       update ${TABLE} l set points = l.points - 1 from held where l.key = held.key and l.points > 0`,
      [keys],
    );
  }

  async delete(keys: readonly string[]): Promise<void> {
    await this.source.query(`delete from ${TABLE} where key = any($1)`, [keys]);
  }

  async purge(): Promise<void> {
    await this.source.query(`delete from ${TABLE} where expire < $1`, [Date.now()]);
  }

  /**
   * Without the names of the statements: connections to the embedded database share one session, in which the
   * second one to prepare a name is refused.
   */
  private async query({ text, values }: Query): Promise<{ rows: unknown[]; rowCount: number }> {
    const runner = this.source.createQueryRunner();
    try {
      const { records, affected } = await runner.query(text, values, true);
      return { rows: records, rowCount: affected ?? records.length };
    } finally {
      await runner.release();
    }
  }
}
