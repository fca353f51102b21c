import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { LlmUsageRepository } from './llm-usage.repository.js';
import type { LlmBudgetState } from './llm.types.js';
import { nextUsageDay, usageDay } from './usage-day.js';

export interface Reservation {
  /** Replaces what was set aside by what was used. Never throws: an answer that was given is given. */
  settle(tokens: number): Promise<void>;
}

/**
 * Tokens of the language model for each user and for everybody, by UTC day, counted in the database: the same
 * for all processes, and across restarts. A request is let in while its budgets are not used up, and sets aside
 * the most that it may take; so the limits are passed by one answer at most, however many ask at once.
 */
@Injectable()
export class LlmBudget {
  private readonly logger = new Logger('LlmBudget');
  private readonly perUser: number | null;
  private readonly perDay: number | null;

  constructor(
    settings: Settings,
    private readonly repository: LlmUsageRepository,
    private readonly transactions: Transactions,
  ) {
    this.perUser = settings.llmTokensPerUser || null;
    this.perDay = settings.llmTokensPerDay || null;
  }

  /** Sets tokens aside. @throws AppError `llm_budget_exhausted` until the next day */
  async reserve(userId: string | undefined, tokens: number): Promise<Reservation> {
    const day = usageDay();
    await this.transactions.run(async (transaction) => {
      if (
        userId !== undefined &&
        !(await this.repository.addForUser(transaction, userId, day, tokens, this.perUser))
      )
        throw exhausted('Your tokens');
      if (!(await this.repository.addForAll(transaction, day, tokens, this.perDay)))
        throw exhausted('The tokens of this server');
    });
    let settled = false;
    return {
      settle: async (used) => {
        if (settled) return;
        settled = true;
        await this.transactions
          .run((transaction) => this.repository.correct(transaction, userId, day, used - tokens))
          .catch((error: unknown) => {
            this.logger.warn({ err: error }, 'the tokens of an answer stay counted as set aside');
          });
      },
    };
  }

  async state(userId: string): Promise<LlmBudgetState> {
    const day = usageDay();
    const used = await this.repository.used(userId, day);
    return { day, used, limit: this.perUser, resetsAt: new Date(nextUsageDay()) };
  }
}

const exhausted = (whose: string): AppError =>
  new AppError(
    'llm_budget_exhausted',
    `${whose} for the language model are used up until the next day (UTC).`,
    {
      retryAfter: Math.max(1, Math.ceil((nextUsageDay() - Date.now()) / 1000)),
    },
  );
