import { Injectable } from '@nestjs/common';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import { AccountRequestHandler } from './account-request-handler.service.js';
import { REQUESTS_JOB } from './account-requests.service.js';
import { AccountRequestsRepository } from './account-requests.repository.js';
import { AccountTokens } from './account-tokens.service.js';
import { PendingRegistrationsRepository } from './pending-registrations.repository.js';

/** Works through what was asked for, in order, each with its mails in one transaction. */
@Injectable()
export class AccountRequestsWorker {
  constructor(
    private readonly repository: AccountRequestsRepository,
    private readonly handler: AccountRequestHandler,
    private readonly transactions: Transactions,
    private readonly tokens: AccountTokens,
    private readonly pending: PendingRegistrationsRepository,
    jobs: JobQueue,
  ) {
    jobs.define<object>({
      name: REQUESTS_JOB,
      single: true,
      retries: 1000,
      expireSeconds: 600,
      run: (_data, { signal }) => this.run(signal),
    });
    jobs.define<object>({
      name: 'accounts.purge',
      single: true,
      retries: 3,
      expireSeconds: 600,
      everySeconds: 3600,
      run: () => this.purge(),
    });
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const found = await this.transactions.run(async (transaction) => {
        const request = await this.repository.take(transaction);
        if (request !== undefined && request !== 'stale') await this.handler.handle(transaction, request);
        return request !== undefined;
      });
      if (!found) return;
    }
  }

  private async purge(): Promise<void> {
    await this.tokens.purge();
    await this.pending.purge();
  }
}
