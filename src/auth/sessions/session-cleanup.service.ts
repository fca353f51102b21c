import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { AttemptsRepository } from '../passwords/attempts.repository.js';
import { SessionsRepository } from './sessions.repository.js';

const HOUR_MS = 3_600_000;
/** Long enough to look into what happened to a session; after that its refresh tokens are unknown, not stolen. */
const KEEP_DAYS = 30;

/** Forgets sessions that ended long ago, and counters that ran out. Any number of processes may do it: deleting twice is deleting once. */
@Injectable()
export class SessionCleanup implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('SessionCleanup');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly repository: SessionsRepository,
    private readonly attempts: AttemptsRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    try {
      await this.repository.purge(KEEP_DAYS);
      await this.attempts.purge();
    } catch (error) {
      this.logger.warn({ err: error }, 'old sessions were not removed; the next run tries again');
    }
  }
}
