import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { underLease } from '../../common/resilience/under-lease.js';
import { StartError } from '../../config/config-error.js';
import { Settings } from '../../config/settings.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { LostIndexes } from '../../vector/lost-indexes.service.js';
import { RebuildRepository } from './rebuild.repository.js';
import { RebuildSteps } from './rebuild-steps.service.js';
import { REBUILDABLE, type Rebuildable, type RebuildRow } from './rebuild.types.js';

export const rebuildJob = (what: Rebuildable): string => `index.rebuild_${what}`;

const HOUR = 3600;
const EXTEND_MS = 5_000;
const RETRY_MS = 5_000;

/**
 * Works on open rebuilds. The table says how far one is, so whoever takes it over goes on there; a lease keeps two from
 * working on it at once.
 */
@Injectable()
export class RebuildRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Rebuild');
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly rebuilds: RebuildRepository,
    private readonly steps: RebuildSteps,
    private readonly settings: Settings,
    private readonly jobs: JobQueue,
    lost: LostIndexes,
  ) {
    for (const what of REBUILDABLE)
      jobs.define<object>({
        name: rebuildJob(what),
        single: true,
        retries: 1000,
        maxRetrySeconds: 30,
        expireSeconds: 24 * HOUR,
        everySeconds: 60,
        run: (_data, { signal }) => this.run(what, AbortSignal.any([signal, this.stopping.signal])),
      });
    lost.onNoted(() => this.goOn('vectors'));
  }

  /** An embedded server goes on at once behind a process that was killed. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.embedded) await this.rebuilds.release();
    if (this.settings.processRole !== 'api')
      for (const what of REBUILDABLE) await this.jobs.send(rebuildJob(what), {});
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await Promise.allSettled(this.running);
  }

  /** Where it fails, the schedule has the job run within a minute. */
  private goOn(what: Rebuildable): void {
    this.jobs.send(rebuildJob(what), {}).then(
      () => this.jobs.wake(rebuildJob(what)),
      (error: unknown) => this.logger.debug(`the job was not sent: ${String(error)}`),
    );
  }

  private async run(what: Rebuildable, signal: AbortSignal): Promise<void> {
    const runner = randomUUID();
    const taken = await this.rebuilds.lease(what, runner);
    if (!taken) return;
    const work = this.work(taken, runner, signal);
    this.running.add(work);
    await work.finally(() => this.running.delete(work));
  }

  private async work(taken: RebuildRow, runner: string, outer: AbortSignal): Promise<void> {
    const lease = {
      extend: () => this.rebuilds.extend(taken.id, runner),
      everyMs: EXTEND_MS,
      lost: "the rebuild is over or somebody else's",
      onError: (error: unknown) => this.logger.warn({ err: error }, 'the lease was not extended'),
    };
    try {
      await underLease(lease, outer, async (signal) => {
        while (!signal.aborted && (await this.attempt(taken, runner, signal)))
          await sleep(RETRY_MS, undefined, { signal }).catch(() => undefined);
      });
    } finally {
      await this.rebuilds.release(runner).catch(() => undefined);
    }
  }

  /** @returns whether it is worth another attempt */
  private async attempt(taken: RebuildRow, runner: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.steps.run(taken, runner, signal);
      return false;
    } catch (error) {
      if (signal.aborted) return false;
      const reason = (error as Error).message;
      if (error instanceof StartError) {
        await this.steps.fail(taken, runner, reason);
        return false;
      }
      this.logger.warn({ err: error }, `the rebuild of ${taken.what} stopped; it goes on in a moment`);
      await this.rebuilds.tell(taken.id, `It goes on in a moment: ${reason}`);
      return true;
    }
  }
}
