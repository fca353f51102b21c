import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';
import { AuditBuffer } from './audit-buffer.service.js';
import { AuditRepository } from './audit.repository.js';
import { AuditTally } from './audit-tally.service.js';
import type { AuditEvent, AuditFilter, AuditRow } from './audit.types.js';
import { toRow } from './clean-event.js';

/** Rows of an export that are held at a time. */
const EXPORT_BATCH = 500;

/** The append-only record of what happened to access. */
@Injectable()
export class AuditService {
  constructor(
    private readonly repository: AuditRepository,
    private readonly buffer: AuditBuffer,
    private readonly tallies: AuditTally,
  ) {}

  /** For a statement that writes the row itself, together with what it tells of. */
  row(event: AuditEvent): AuditRow {
    return toRow(event);
  }

  /** Inside the transaction of the change it tells of: what cannot be recorded does not happen. */
  async record(transaction: Transaction | undefined, event: AuditEvent): Promise<void> {
    await this.repository.append([toRow(event)], transaction);
  }

  /** Like `record`, for many events of one change. */
  async recordAll(transaction: Transaction, events: readonly AuditEvent[]): Promise<void> {
    if (events.length) await this.repository.append(events.map(toRow), transaction);
  }

  /**
   * What anyone can cause any number of times, such as refusals and the use of keys: per minute, actor, target and
   * reason one row at once and one with the number of the others. `reason` is one of a few words, never an id: floods
   * that exceed what is told apart are counted by it.
   */
  count(event: AuditEvent, reason: string): void {
    this.tallies.count(event, reason);
  }

  /** What must not make its request wait: written within a moment, at the latest at an orderly shutdown. */
  note(event: AuditEvent): void {
    this.buffer.add(toRow(event));
  }

  /** Newest first, with all that this process has noted so far. */
  async page(
    filter: AuditFilter,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<AuditRow[]> {
    await this.buffer.flush();
    return this.repository.page(filter, after, limit);
  }

  /** How many of these there are, with these details. */
  howMany(filter: AuditFilter, details: Record<string, unknown>, transaction?: Transaction): Promise<number> {
    return this.repository.count(filter, details, transaction);
  }

  /** All that match, newest first, read in batches: no transaction stays open while a client reads slowly. */
  async *all(filter: AuditFilter): AsyncGenerator<AuditRow> {
    let after: { at: string; id: string } | undefined;
    for (;;) {
      const rows = await this.page(filter, after, EXPORT_BATCH);
      yield* rows;
      const last = rows.at(-1);
      if (!last || rows.length < EXPORT_BATCH) return;
      after = { at: last.at.toISOString(), id: last.id };
    }
  }

  /** Makes the months to come; rows go into "other" where one is missing. */
  makeMonths(): Promise<void> {
    return this.repository.makeMonths();
  }

  /** Drops the months that ended more than `days` ago and records it; their names. */
  async dropMonths(transaction: Transaction, days: number): Promise<string[]> {
    const names = await this.repository.dropMonths(days, transaction);
    if (names.length)
      await this.record(transaction, { action: 'audit.months_dropped', details: { months: names, days } });
    return names;
  }
}
