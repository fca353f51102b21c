import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { AuditRepository } from './audit.repository.js';
import type { AuditRow } from './audit.types.js';

/** Between an event and its row; what happens meanwhile shares one statement. */
const DELAY_MS = 250;
const RETRY_MS = 2000;
const MAX_ROWS = 500;
/** While the database does not answer; beyond it the oldest are lost, and the log says how many. */
const MAX_WAITING = 20_000;

/**
 * Writes what needs no transaction of its own soon after it happened, many rows at once, so that a query does not
 * wait for its audit. An orderly shutdown writes all of it.
 */
@Injectable()
export class AuditBuffer implements BeforeApplicationShutdown, OnApplicationShutdown {
  private readonly logger = new Logger('Audit');
  private waiting: AuditRow[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private closing = false;

  constructor(private readonly repository: AuditRepository) {}

  add(row: AuditRow): void {
    this.waiting.push(row);
    if (this.waiting.length > MAX_WAITING) {
      const lost = this.waiting.splice(0, MAX_ROWS).length;
      this.logger.error(`${lost} audit events are lost: the database does not take them`);
    }
    this.schedule(this.closing ? 0 : DELAY_MS);
  }

  /** Resolves when all that was added before is written. @throws when the database does not take it */
  async flush(): Promise<void> {
    await this.writing?.catch(() => undefined);
    while (this.waiting.length) await (this.writing ??= this.write());
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.closing = true;
    await this.flush().catch((error: unknown) => this.report(error));
  }

  /** Requests that were under way have ended by now. */
  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.timer);
    await this.flush().catch((error: unknown) => this.report(error));
  }

  private schedule(delay: number): void {
    if (this.timer !== undefined || this.writing) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush().catch((error: unknown) => {
        this.report(error);
        this.schedule(RETRY_MS);
      });
    }, delay);
    this.timer.unref();
  }

  private async write(): Promise<void> {
    const rows = this.waiting.slice(0, MAX_ROWS);
    try {
      await this.repository.append(rows);
      const written = new Set(rows);
      this.waiting = this.waiting.filter((row) => !written.has(row));
    } finally {
      this.writing = undefined;
    }
  }

  private report(error: unknown): void {
    this.logger.error({ err: error }, `${this.waiting.length} audit events wait for the database`);
  }
}
