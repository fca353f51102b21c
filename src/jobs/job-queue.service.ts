import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { PgBoss, type JobWithMetadata, type QueueResult } from 'pg-boss';
import { DataSource } from 'typeorm';
import { withoutData } from '../common/errors/loggable-error.js';
import { Settings } from '../config/settings.js';
import type { Transaction } from '../database/transaction.types.js';
import { JobConnections, overTransaction } from './job-connections.js';
import { JobsRepository } from './jobs.repository.js';
import {
  JobDead,
  type JobCounts,
  type JobDefinition,
  type JobQuery,
  type JobRow,
  type NewJob,
} from './jobs.types.js';

const STOP_TIMEOUT_MS = 10_000;
/**
 * A worker says every ten seconds that it lives. One that has not for twenty is looked for every ten, and its job
 * waits two seconds more: the next worker has it within 45 seconds.
 */
const HEARTBEAT_SECONDS = 20;
const SUPERVISE_SECONDS = 10;
const POLL_SECONDS = 2;

/** One of the jobs of a kind that may run at the same time. */
interface Lane {
  busy: boolean;
  worker: string | undefined;
}

/**
 * Durable background work. A job that was enqueued in a transaction exists exactly if the transaction
 * committed, survives a crash of its worker, and is taken over when its worker stops sending heartbeats.
 */
@Injectable()
export class JobQueue implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Jobs');
  private readonly definitions = new Map<string, JobDefinition<object>>();
  private readonly lanes = new Map<string, Lane[]>();
  private readonly running = new Map<string, AbortController>();
  private readonly boss: PgBoss;

  constructor(
    source: DataSource,
    private readonly repository: JobsRepository,
    private readonly settings: Settings,
  ) {
    this.boss = new PgBoss({
      schema: 'pgboss',
      db: new JobConnections(source, settings.databasePoolSize),
      migrate: false,
      createSchema: false,
      supervise: this.works,
      schedule: this.works,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.boss.on('error', (error) => this.logger.warn({ err: error }, 'the job queue met an error'));
  }

  private get works(): boolean {
    return this.settings.processRole !== 'api';
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
    // The embedded database has one process: what is active now lost its worker.
    if (this.settings.embedded) await this.repository.releaseAll();
    const queues = new Map((await this.boss.getQueues()).map((queue) => [queue.name, queue]));
    const schedules = new Map((await this.boss.getSchedules()).map(({ name, cron }) => [name, cron]));
    for (const job of this.definitions.values()) {
      await this.openQueue(job, queues.get(job.name));
      if (this.works) await this.work(job, schedules.get(job.name));
    }
  }

  /**
   * A queue that is there stays as it is, unless an earlier version made it with other options. The library knows those that
   * were there when it started, until they are written.
   */
  private async openQueue(job: JobDefinition<object>, there: QueueResult | undefined): Promise<void> {
    const options = {
      retryLimit: job.retries,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: job.maxRetrySeconds ?? 300,
      expireInSeconds: job.expireSeconds,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: 86_400,
    };
    if (there && isDeepStrictEqual({ ...there, ...options }, there)) return;
    if (there) await this.boss.updateQueue(job.name, options);
    else await this.boss.createQueue(job.name, { policy: job.single ? 'short' : 'standard', ...options });
    // Has the library know the queue from here on. It would look it up when the first job is added, over another connection
    // than the transaction has that adds it: with all connections in such transactions, each would wait for the others.
    await this.boss.findJobs(job.name, { id: randomUUID() });
  }

  private async work(job: JobDefinition<object>, scheduled: string | undefined): Promise<void> {
    const lanes: Lane[] = [];
    this.lanes.set(job.name, lanes);
    // One worker of the library for each: it wakes only the first of several.
    for (let n = 0; n < (job.concurrency ?? 1); n++) {
      const lane: Lane = { busy: false, worker: undefined };
      lanes.push(lane);
      lane.worker = await this.boss.work(
        job.name,
        {
          pollingIntervalSeconds: POLL_SECONDS,
          batchSize: job.batch ?? 1,
          includeMetadata: true,
          perJobResults: true,
        },
        async (taken: JobWithMetadata[]) => {
          lane.busy = true;
          try {
            return await Promise.all(taken.map((each) => this.runOne(job, each)));
          } finally {
            lane.busy = false;
            // What comes after it is not to wait for the next poll.
            this.notify(lane);
          }
        },
      );
    }
    if (!job.everySeconds) return;
    const wanted = cron(job.everySeconds);
    if (wanted !== scheduled) await this.boss.schedule(job.name, wanted);
  }

  private async runOne(
    job: JobDefinition<object>,
    taken: JobWithMetadata,
  ): Promise<{ id: string; status: 'completed' | 'failed' | 'deadletter'; output?: object }> {
    const { id } = taken;
    const cancelling = new AbortController();
    this.running.set(id, cancelling);
    try {
      await job.run(taken.data, {
        signal: AbortSignal.any([taken.signal, cancelling.signal]),
        lastAttempt: taken.retryCount >= taken.retryLimit,
      });
      return { id, status: 'completed' };
    } catch (error) {
      if (error instanceof JobDead) return { id, status: 'deadletter', output: { message: error.message } };
      // The library keeps all that an error carries, for a day, whatever becomes of the data meanwhile.
      return { id, status: 'failed', output: withoutData(error) };
    } finally {
      this.running.delete(id);
    }
  }

  /** Adds a job as part of the caller's transaction. */
  async enqueue(transaction: Transaction, name: string, data: object): Promise<void> {
    await this.boss.send(name, data, { db: overTransaction(transaction) });
  }

  /**
   * Adds jobs of one owner as part of the caller's transaction, which holds a lock of the owner. Owners are served in
   * turn: a long line of one holds nobody else up.
   */
  async enqueueInTurn(
    transaction: Transaction,
    name: string,
    ownerId: string,
    jobs: readonly NewJob[],
  ): Promise<void> {
    if (jobs.length === 0) return;
    const ids = jobs.map((job) => job.id);
    const turn = await this.repository.nextTurn(transaction, name, ownerId, ids);
    const inserts = jobs.map((job, i) => ({ ...job, priority: turn - i, group: { id: ownerId } }));
    await this.boss.insert(name, inserts, { db: overTransaction(transaction) });
  }

  /** Adds a job on its own. */
  async send(name: string, data: object): Promise<void> {
    await this.boss.send(name, data);
  }

  /** Ends jobs that wait or run; those that run are told at once here, within ten seconds elsewhere. */
  async cancel(name: string, ids: readonly string[]): Promise<void> {
    await this.boss.cancel(name, [...ids]);
    for (const id of ids) this.running.get(id)?.abort(new Error('the job was cancelled'));
  }

  /**
   * The same for jobs whose work is for nothing, after the commit that made it so. Never fails: where one goes on, it
   * finds that out by itself at its end.
   */
  async giveUp(name: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    await this.cancel(name, ids).catch((error: unknown) =>
      this.logger.warn({ err: error, job: name }, 'jobs that are not needed any more could not be ended'),
    );
  }

  /** Runs a job again that failed or was cancelled; does nothing to any other. */
  async retry(name: string, id: string): Promise<void> {
    await this.boss.retry(name, id);
    await this.boss.resume(name, id);
    this.wake(name);
  }

  /** Has this process look for jobs of this kind now instead of at its next poll. Call it after the commit. */
  wake(name: string): void {
    const lanes = this.lanes.get(name) ?? [];
    const lane = lanes.find(({ busy }) => !busy);
    if (lane) this.notify(lane);
  }

  private notify({ worker }: Lane): void {
    if (worker) this.boss.notifyWorker(worker);
  }

  /** Jobs by kind and state. */
  counts(): Promise<JobCounts[]> {
    return this.repository.counts();
  }

  /** Newest first. */
  page(query: JobQuery): Promise<JobRow[]> {
    return this.repository.page(query);
  }

  find(id: string): Promise<JobRow | undefined> {
    return this.repository.find(id);
  }

  /** Those of these jobs that neither wait nor run. */
  missing(name: string, ids: readonly string[]): Promise<string[]> {
    return this.repository.missing(name, ids);
  }

  /** Resolves when jobs can be enqueued. */
  ping(): Promise<void> {
    return this.repository.ping();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await this.boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS, close: false });
  }
}

const cron = (seconds: number): string =>
  seconds >= 3600
    ? `0 */${Math.round(seconds / 3600)} * * *`
    : `*/${Math.max(1, Math.round(seconds / 60))} * * * *`;
