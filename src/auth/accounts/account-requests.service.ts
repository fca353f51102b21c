import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { JobQueue } from '../../jobs/job-queue.service.js';
import type { Client } from '../auth.types.js';
import type { AccountRequest } from './account-request.types.js';
import { AccountRequestsRepository } from './account-requests.repository.js';

export const REQUESTS_JOB = 'accounts.requests';

/**
 * Takes what anybody may ask for an address. The request is only written down: who could measure how long that takes
 * learns nothing, because nobody looks for an account before the answer is out.
 */
@Injectable()
export class AccountRequests {
  constructor(
    private readonly repository: AccountRequestsRepository,
    private readonly transactions: Transactions,
    private readonly jobs: JobQueue,
  ) {}

  /** For a mail with which to choose a new password. */
  forgot(email: string, { ip, requestId }: Client): Promise<void> {
    return this.ask({ kind: 'forgot', email, ip, requestId });
  }

  /** For another mail that confirms an address. */
  resend(email: string, { ip, requestId }: Client): Promise<void> {
    return this.ask({ kind: 'resend', email, ip, requestId });
  }

  /** The account has no password any more, or none yet, and its owner cannot know: no stranger asks for this mail. */
  chooseAnew(
    transaction: Transaction,
    { id: userId, email }: { id: string; email: string },
    { ip, requestId }: Pick<AccountRequest, 'ip' | 'requestId'>,
  ): Promise<void> {
    return this.add(transaction, { kind: 'forgot', email, userId, ip, requestId });
  }

  async ask(request: AccountRequest): Promise<void> {
    await this.transactions.run((transaction) => this.add(transaction, request));
    this.added();
  }

  /** As part of something else; `added` behind its commit makes it happen sooner. */
  async add(transaction: Transaction, request: AccountRequest): Promise<void> {
    await this.repository.add(transaction, request);
    await this.jobs.enqueue(transaction, REQUESTS_JOB, {});
  }

  added(): void {
    this.jobs.wake(REQUESTS_JOB);
  }
}
