import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { notFound } from '../../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../../common/http/page.js';
import { Transactions } from '../../database/transactions.js';
import type { Client } from '../auth.types.js';
import { LiveSessions } from './live-sessions.service.js';
import type { EndReason, SessionRow } from './session.types.js';
import { SessionsRepository } from './sessions.repository.js';

/** Listing and ending sessions. An ended session's access and refresh tokens are dead at once. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly live: LiveSessions,
  ) {}

  async page(userId: string, query: { limit?: number; cursor?: string }): Promise<Page<SessionRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.list(userId, decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.createdAt.toISOString(), row.id],
      (row) => row,
    );
  }

  /** Nothing happens when it has ended already. */
  async end(id: string, reason: EndReason, client: Client): Promise<void> {
    await this.transactions.run(async (transaction) => {
      const userId = await this.repository.end(id, reason, transaction);
      if (userId !== undefined)
        await this.audit.record(transaction, {
          ...ended(id, reason, client),
          actorId: reason === 'reuse' ? null : userId,
        });
    });
    this.live.forget(id);
  }

  /** @throws AppError `not_found` unless it is a live session of this user. */
  async endOwn(userId: string, id: string, client: Client): Promise<void> {
    const done = await this.transactions.run(async (transaction) => {
      if ((await this.repository.end(id, 'revoked', transaction, userId)) === undefined) return false;
      await this.audit.record(transaction, { ...ended(id, 'revoked', client), actorId: userId });
      return true;
    });
    this.live.forget(id);
    if (!done) throw notFound('session');
  }

  /** Ends all sessions of the user but one. */
  async endOthers(userId: string, keep: string, client: Client): Promise<void> {
    await this.transactions.run(async (transaction) => {
      const ids = await this.repository.endOthers(userId, keep, transaction);
      for (const id of ids)
        await this.audit.record(transaction, { ...ended(id, 'revoked', client), actorId: userId });
    });
    this.live.forgetUser(userId);
  }

  /** After a sign-in was committed, which may have ended sessions beyond the limit. */
  opened(userId: string): void {
    this.live.forgetUser(userId);
  }
}

const ended = (id: string, reason: EndReason, client: Client) => ({
  action: reason === 'reuse' ? 'session.reuse_detected' : 'session.ended',
  targetType: 'session',
  targetId: id,
  ip: client.ip,
  requestId: client.requestId,
  details: { reason },
});
