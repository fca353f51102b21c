import { AsyncLocalStorage } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import { RateLimiterPostgres } from 'rate-limiter-flexible';
import { DataSource } from 'typeorm';
import type { LimiterFactory } from './attempt-counter.js';

const TABLE = 'rate_limits';

interface Query {
  text: string;
  values?: unknown[];
}

interface Result {
  rows: unknown[];
  rowCount: number;
}

/** Statements that wait for each other to go out as one. */
class Pair {
  private readonly waiting: {
    query: Query;
    resolve: (result: Result) => void;
    reject: (error: unknown) => void;
  }[] = [];

  constructor(private readonly send: (queries: readonly Query[]) => Promise<Result[]>) {}

  add(query: Query): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ query, resolve, reject });
      if (this.waiting.length === 2) this.flush();
      // Should the other one never come.
      else setImmediate(() => this.flush());
    });
  }

  private flush(): void {
    const sent = this.waiting.splice(0);
    if (sent.length === 0) return;
    this.send(sent.map(({ query }) => query)).then(
      (results) => sent.forEach(({ resolve }, index) => resolve(results[index] ?? { rows: [], rowCount: 0 })),
      (error: unknown) => {
        for (const { reject } of sent) reject(error);
      },
    );
  }
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

  private readonly pairs = new AsyncLocalStorage<Pair>();

  constructor(private readonly source: DataSource) {}

  /**
   * Two counters at once, in one statement. Always in the same order of keys, as everywhere: then no two of them block
   * each other.
   */
  both<A, B>(first: () => Promise<A>, second: () => Promise<B>): Promise<[A, B]> {
    const pair = new Pair((queries) => this.sendTogether(queries));
    return this.pairs.run(pair, () => Promise.all([first(), second()]));
  }

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
  private query(query: Query): Promise<Result> {
    const pair = this.pairs.getStore();
    return pair ? pair.add(query) : this.send(query);
  }

  /** Each returns its points and when they expire; the parts of one statement run in their order. */
  private async sendTogether(queries: readonly Query[]): Promise<Result[]> {
    const [only] = queries;
    if (queries.length === 1 && only) return [await this.send(only)];
    const values: unknown[] = [];
    const parts = queries.map(({ text, values: own = [] }) => {
      const offset = values.length;
      values.push(...own);
      return text.replace(/;\s*$/, '').replaceAll(/\$(\d+)/g, (_, n) => `$${Number(n) + offset}`);
    });
    const named = parts.map((text, index) => `q${index} as (${text})`).join(', ');
    const read = parts
      .map((_, index) => `select ${index} as n, points, expire from q${index}`)
      .join(' union all ');
    const { rows } = await this.send({ text: `with ${named} ${read}`, values });
    return queries.map((_, index) => {
      const own = rows.filter((row) => (row as { n: number }).n === index);
      return { rows: own, rowCount: own.length };
    });
  }

  private async send({ text, values }: Query): Promise<Result> {
    const runner = this.source.createQueryRunner();
    try {
      const { records, affected } = await runner.query(text, values, true);
      return { rows: records, rowCount: affected ?? records.length };
    } finally {
      await runner.release();
    }
  }
}
