import { Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';

const HOUR_MS = 3_600_000;

/** What a running server does every hour. Any number of processes may do it: deleting twice is deleting once. */
export abstract class Upkeep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(this.constructor.name);
  private timer: NodeJS.Timeout | undefined;

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** Never throws: what failed is tried again an hour later. */
  async run(): Promise<void> {
    try {
      await this.tidy();
    } catch (error) {
      this.logger.warn({ err: error }, 'upkeep failed; the next run tries again');
    }
  }

  protected abstract tidy(): Promise<void>;
}
