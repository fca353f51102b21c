import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { PgBoss, type Db, type JobWithMetadata } from 'pg-boss';
import { DataSource, type QueryRunner } from 'typeorm';
import { Settings } from '../config/settings.js';
import type { Transaction } from '../database/transaction.types.js';
import type { JobCounts, JobDefinition } from './jobs.types.js';

const SCHEMA = 'pgboss';
const STOP_TIMEOUT_MS = 10_000;

/** pg-boss speaks through our own connections: one pool, and jobs join the caller's transaction. */
const overRunner = (runner: Pick<QueryRunner, 'query'>): Db => ({
  executeSql: async (text, values) => {
    const result = await runner.query(text, values as unknown[], true);
    return { rows: result.records };
  },
});

/**
 * Durable background work. A job that was enqueued in a transaction exists exactly if the transaction
 * committed, survives a crash of its worker, and is taken over when its worker stops sending heartbeats.
 */
@Injectable()
export class JobQueue implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly definitions = new Map<string, JobDefinition<object>>();
  private readonly workers = new Map<string, string>();
  private readonly boss: PgBoss;

  constructor(
    private readonly source: DataSource,
    private readonly settings: Settings,
  ) {
    this.boss = new PgBoss({
      schema: SCHEMA,
      db: { executeSql: (text, values) => this.query(text, values) },
      migrate: false,
      createSchema: false,
      supervise: this.works,
      schedule: this.works,
      monitorIntervalSeconds: 30,
    });
    this.boss.on('error', (error) => this.logger.warn(`job queue: ${error.message}`));
  }

  private get works(): boolean {
    return this.settings.processRole !== 'api';
  }

  private async query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }> {
    const runner = this.source.createQueryRunner();
    try {
      return await overRunner(runner).executeSql(text, values);
    } finally {
      await runner.release();
    }
  }

  /** Declares a kind of job. Call it in a constructor: work starts once the whole application is up. */
  define<T extends object>(definition: JobDefinition<T>): void {
    this.definitions.set(definition.name, definition);
  }

  /** The queue takes jobs from here on: whoever enqueues at boot does so in `onApplicationBootstrap`. */
  async onModuleInit(): Promise<void> {
    await this.boss.start();
  }

  async onApplicationBootstrap(): Promise<void> {
    for (const job of this.definitions.values()) {
      await this.boss.createQueue(job.name, {
        policy: job.single ? 'short' : 'standard',
        retryLimit: job.retries,
        retryDelay: 2,
        retryBackoff: true,
        retryDelayMax: 300,
        expireInSeconds: job.expireSeconds,
        heartbeatSeconds: 30,
        deleteAfterSeconds: 86_400,
      });
      if (this.works) await this.work(job);
    }
  }

  private async work(job: JobDefinition<object>): Promise<void> {
    const id = await this.boss.work(
      job.name,
      {
        pollingIntervalSeconds: 2,
        localConcurrency: job.concurrency ?? 1,
        batchSize: 1,
        includeMetadata: true,
      },
      async ([taken]: JobWithMetadata[]): Promise<void> => {
        if (!taken) return;
        await job.run(taken.data, {
          signal: taken.signal,
          lastAttempt: taken.retryCount >= taken.retryLimit,
        });
      },
    );
    this.workers.set(job.name, id);
    if (job.everySeconds) await this.boss.schedule(job.name, cron(job.everySeconds));
  }

  /** Adds a job as part of the caller's transaction. */
  async enqueue(transaction: Transaction, name: string, data: object): Promise<void> {
    const runner = transaction.queryRunner;
    if (!runner) throw new Error('enqueue needs an open transaction');
    await this.boss.send(name, data, { db: overRunner(runner) });
  }

  /** Adds a job on its own. */
  async send(name: string, data: object): Promise<void> {
    await this.boss.send(name, data);
  }

  /** Has this process look for jobs of this kind now instead of at its next poll. Call it after the commit. */
  wake(name: string): void {
    const worker = this.workers.get(name);
    if (worker) this.boss.notifyWorker(worker);
  }

  /** Jobs by kind and state. */
  async counts(): Promise<JobCounts[]> {
    const rows = await this.source.query<JobCounts[]>(
      `select name, state::text as state, count(*)::int as count from ${SCHEMA}.job where name not like '\\_\\_%' group by 1, 2 order by 1, 2`,
    );
    return rows;
  }

  /** Resolves when jobs can be enqueued. */
  async ping(): Promise<void> {
    await this.source.query(`select 1 from ${SCHEMA}.version`);
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: false });
  }
}

const cron = (seconds: number): string =>
  seconds >= 3600
    ? `0 */${Math.round(seconds / 3600)} * * *`
    : `*/${Math.max(1, Math.round(seconds / 60))} * * * *`;
