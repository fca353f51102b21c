import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Settings } from '../config/settings.js';
import { AnswersRepository } from './answers.repository.js';

const HOUR_MS = 3_600_000;
/** Of each user; a program that asks all day must not fill the database. */
const MOST_ANSWERS = 10_000;

/** Forgets answers after `ANSWER_RETENTION`. Any number of processes may do it. */
@Injectable()
export class AnswerCleanup implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('AnswerCleanup');
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly repository: AnswersRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.run(), HOUR_MS).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  async run(): Promise<void> {
    try {
      await this.repository.purge(this.settings.answerRetention, MOST_ANSWERS);
    } catch (error) {
      this.logger.warn({ err: error }, 'old answers were not removed; the next run tries again');
    }
  }
}
