import { randomUUID } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { atMost } from '../common/resilience/at-most.js';
import { persevere } from '../common/resilience/persevere.js';
import { underLease } from '../common/resilience/under-lease.js';
import { StartError } from '../config/config-error.js';
import { Settings } from '../config/settings.js';
import { JobQueue } from '../jobs/job-queue.service.js';
import { EncoderFollower } from './encoder-follower.service.js';
import { EncoderSwitchesRepository } from './encoder-switches.repository.js';
import type { SwitchRow } from './encoders.types.js';
import { SwitchLedger } from './switch-ledger.service.js';
import { SwitchOver } from './switch-over.js';
import { SwitchSteps } from './switch-steps.service.js';

export const SWITCH_JOB = 'encoders.switch';

const EXTEND_MS = 5_000;
/** Other processes hear of a change within a second; nobody asks an index any more that was retired this long ago. */
const RETIRED_SECONDS = 15;
const RETRY_MS = 5_000;
/** What a stop waits for work that is held up elsewhere, as by a store that fell silent. */
const STOP_MS = 3_000;

/**
 * Works on the open change of the encoder. The table says how far it is, so whoever takes it over goes on there; a lease
 * keeps two from working on it at once.
 */
@Injectable()
export class SwitchRunner implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('Encoders');
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly switches: EncoderSwitchesRepository,
    private readonly steps: SwitchSteps,
    private readonly follower: EncoderFollower,
    private readonly settings: Settings,
    private readonly jobs: JobQueue,
    private readonly ledger: SwitchLedger,
  ) {
    jobs.define<object>({
      name: SWITCH_JOB,
      single: true,
      retries: 1000,
      maxRetrySeconds: 30,
      expireSeconds: 12 * 3600,
      everySeconds: 60,
      run: (_data, { signal }) => (this.running = this.run(AbortSignal.any([signal, this.stopping.signal]))),
    });
  }

  /** An embedded server goes on at once behind a process that was killed. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.settings.embedded) await this.switches.release();
    if (this.settings.processRole !== 'api') await this.jobs.send(SWITCH_JOB, {});
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await atMost(STOP_MS, [this.running]);
  }

  private async run(signal: AbortSignal): Promise<void> {
    const runner = randomUUID();
    const taken = await this.switches.lease(runner);
    if (taken) await this.work(taken, runner, signal);
    await this.steps.dropRetired(RETIRED_SECONDS);
  }

  private async work(taken: SwitchRow, runner: string, outer: AbortSignal): Promise<void> {
    const lease = {
      extend: () => this.switches.extend(taken.id, runner),
      everyMs: EXTEND_MS,
      lost: "the change of the encoder is over or somebody else's",
      onError: (error: unknown) => this.logger.warn({ err: error }, 'the lease was not extended'),
    };
    try {
      await underLease(lease, outer, async (signal) => {
        await this.follower.look();
        await persevere(signal, {
          attempt: () => this.steps.run(taken, runner, signal),
          failed: (error) => this.failed(taken, error),
          pauseMs: RETRY_MS,
        });
      });
    } finally {
      await this.switches.release(runner).catch(() => undefined);
      await this.follower.look();
    }
  }

  /** @returns whether it is worth another attempt */
  private async failed(taken: SwitchRow, error: Error): Promise<boolean> {
    if (error instanceof SwitchOver) return false;
    if (error instanceof StartError) {
      await this.ledger.fail(taken.id, error.message);
      return false;
    }
    this.logger.warn({ err: error }, 'the change of the encoder stopped; it goes on in a moment');
    await this.switches.tell(taken.id, `It goes on in a moment: ${error.message}`);
    return true;
  }
}
