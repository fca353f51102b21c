import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditFilter, AuditRow } from '../audit/audit.types.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import type { AuthUser } from '../common/security/auth-user.js';
import { Settings } from '../config/settings.js';
import { Transactions } from '../database/transactions.js';
import { JobQueue } from '../jobs/job-queue.service.js';

const RETENTION_JOB = 'audit.retention';

/** Reading the audit log, and its months: made ahead of time, and dropped when they are old enough. */
@Injectable()
export class AuditLog implements OnApplicationBootstrap {
  private readonly logger = new Logger('Audit');

  constructor(
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
    jobs: JobQueue,
  ) {
    jobs.define({
      name: RETENTION_JOB,
      single: true,
      retries: 3,
      expireSeconds: 300,
      everySeconds: 6 * 3600,
      run: () => this.keepMonths(),
    });
  }

  /** A server that was off for months must not wait for its job. */
  async onApplicationBootstrap(): Promise<void> {
    await this.audit.makeMonths();
  }

  /** Newest first. @throws AppError `invalid_cursor` */
  async page(
    filter: AuditFilter,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<AuditRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.audit.page(filter, decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.at.toISOString(), row.id],
      (row) => row,
    );
  }

  /** All that match at this moment. Taking the log away is itself recorded. */
  async export(
    filter: AuditFilter,
    user: AuthUser,
    client: { ip: string | null; requestId: string },
  ): Promise<AsyncIterable<AuditRow>> {
    const until = filter.until ?? new Date();
    await this.audit.record(undefined, {
      action: 'audit.exported',
      actorId: user.id,
      ...client,
      details: { filter: JSON.parse(JSON.stringify(filter)) as Record<string, unknown> },
    });
    return this.audit.all({ ...filter, until });
  }

  /** What the job does. */
  async keepMonths(): Promise<void> {
    await this.audit.makeMonths();
    const days = this.settings.auditRetentionDays;
    if (days === 0) return;
    const dropped = await this.transactions.run((transaction) => this.audit.dropMonths(transaction, days));
    if (dropped.length) this.logger.log(`dropped from the audit log: ${dropped.join(', ')}`);
  }
}
