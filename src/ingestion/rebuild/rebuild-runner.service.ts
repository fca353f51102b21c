import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { atMost } from '../../common/resilience/at-most.js';
import { persevere } from '../../common/resilience/persevere.js';
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
/** What a stop waits for work that is held up elsewhere, as by a store that fell silent. */
const STOP_MS = 3_000;

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
    await atMost(STOP_MS, this.running);
  }

  /** Where it fails, the schedule has the job run within a minute. */
  private goOn(what: Rebuildable): void {
    this.jobs.send(rebuildJob(what), {}).then(
      () => this.jobs.wake(rebuildJob(what)),
      (error: unknown) => this.logger.debug(`the job was not sent: ${String(error)}`),
    );
  }

  private async run(what: Rebuildable, signal: AbortSignal): Promise<void> {
    const run = this.takeOver(what, signal);
    this.running.add(run);
    await run.finally(() => this.running.delete(run));
  }

  private async takeOver(what: Rebuildable, outer: AbortSignal): Promise<void> {
    const runner = randomUUID();
    const taken = await this.rebuilds.lease(what, runner);
    if (!taken) return;
    const lease = {
      extend: () => this.rebuilds.extend(taken.id, runner),
      everyMs: EXTEND_MS,
      lost: "the rebuild is over or somebody else's",
      onError: (error: unknown) => this.logger.warn({ err: error }, 'the lease was not extended'),
    };
    try {
      await underLease(lease, outer, (signal) =>
        persevere(signal, {
          attempt: () => this.steps.run(taken, runner, signal),
          failed: (error) => this.failed(taken, runner, error),
          pauseMs: RETRY_MS,
        }),
      );
    } finally {
      await this.rebuilds.release(runner).catch(() => undefined);
    }
  }

  /** @returns whether it is worth another attempt */
  private async failed(taken: RebuildRow, runner: string, error: Error): Promise<boolean> {
    if (error instanceof StartError) {
      await this.steps.fail(taken, runner, error.message);
      return false;
    }
    this.logger.warn({ err: error }, `the rebuild of ${taken.what} stopped; it goes on in a moment`);
    await this.rebuilds.tell(taken.id, `It goes on in a moment: ${error.message}`);
    return true;
  }
}
