import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { notFound } from '../../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../../common/http/page.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { Transactions } from '../../database/transactions.js';
import type { Transaction } from '../../database/transaction.types.js';
import { UserChanges, type AccessEnd } from '../../users/user-changes.service.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
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
    private readonly notices: SecurityNotices,
    private readonly changes: UserChanges,
  ) {
    changes.onAccessEnd((transaction, userId, why) => this.endAll(transaction, userId, why));
  }

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
      if (userId === undefined) return;
      await this.audit.record(transaction, { ...ended(id, reason, client), actorId: userId });
      await this.changes.sessionsEnded(transaction, userId);
    });
    this.live.forget(id);
  }

  /** Ends a session whose token somebody else has; the user's other sessions go on. */
  async endStolen(id: string, client: Client): Promise<void> {
    await this.transactions.run(async (transaction) => {
      const userId = await this.repository.end(id, 'reuse', transaction);
      if (userId === undefined) return;
      const what = { kind: 'session.reuse_detected', details: { reason: 'reuse' } } as const;
      await this.notices.raise(transaction, { ...what, userId, sessionId: id, client });
      await this.changes.sessionsEnded(transaction, userId);
    });
    this.live.forget(id);
  }

  /** @throws AppError `not_found` unless it is a live session of this user. */
  async endOwn(userId: string, id: string, client: Client): Promise<void> {
    const done = await this.transactions.run(async (transaction) => {
      if ((await this.repository.end(id, 'revoked', transaction, userId)) === undefined) return false;
      await this.audit.record(transaction, { ...ended(id, 'revoked', client), actorId: userId });
      await this.changes.sessionsEnded(transaction, userId);
      return true;
    });
    this.live.forget(id);
    if (!done) throw notFound('session');
  }

  /** Ends all sessions of the user but one. */
  async endOthers(userId: string, keep: string, client: Client): Promise<void> {
    const kept = { id: userId, sessionId: keep };
    await this.transactions.run((transaction) => this.endOthersIn(transaction, kept, 'revoked', client));
    this.live.forgetUser(userId);
  }

  /** For a transaction of the caller's; `UserChanges.announce` belongs behind its commit. */
  async endOthersIn(
    transaction: Transaction,
    { id: userId, sessionId }: Pick<AuthUser, 'id' | 'sessionId'>,
    reason: EndReason,
    client: Client,
  ): Promise<void> {
    const ids = await this.repository.endAll(userId, reason, transaction, sessionId);
    for (const id of ids)
      await this.audit.record(transaction, { ...ended(id, reason, client), actorId: userId });
    await this.changes.sessionsEnded(transaction, userId);
  }

  /** One session of the user, or all of them. @throws AppError `not_found` unless that one is live */
  async endByAdmin(userId: string, id: string | undefined, by: Actor): Promise<void> {
    const done = await this.transactions.run(async (transaction) => {
      const ids =
        id === undefined
          ? await this.repository.endAll(userId, 'revoked', transaction)
          : (await this.repository.end(id, 'revoked', transaction, userId)) === undefined
            ? []
            : [id];
      const details = { reason: 'revoked', user: userId, by: 'administrator' };
      await this.audit.recordAll(
        transaction,
        ids.map((ended) => ({
          action: 'session.ended',
          actorId: by.id,
          targetType: 'session',
          targetId: ended,
          ip: by.ip,
          requestId: by.requestId,
          details,
        })),
      );
      if (ids.length > 0 || id === undefined) await this.changes.sessionsEnded(transaction, userId);
      return ids.length > 0 || id === undefined;
    });
    this.live.forgetUser(userId);
    if (!done) throw notFound('session');
  }

  /** Inside the transaction that takes the user's access away, behind its write to the user's row. */
  private async endAll(transaction: Transaction, userId: string, reason: AccessEnd): Promise<void> {
    const ids = await this.repository.endAll(userId, reason, transaction);
    const target = { targetType: 'user', targetId: userId };
    await this.audit.record(transaction, {
      action: 'session.all_ended',
      ...target,
      details: { reason, sessions: ids.length },
    });
  }

  /**
   * Ends a session whose place another one takes in the same transaction.
   * @returns what its client called the device; undefined when it is not a live one of the user's
   */
  async replace(
    transaction: Transaction,
    id: string,
    userId: string,
    client: Client,
  ): Promise<{ deviceId: string | null; deviceName: string | null } | undefined> {
    if ((await this.repository.end(id, 'replaced', transaction, userId)) === undefined) return undefined;
    await this.audit.record(transaction, { ...ended(id, 'replaced', client), actorId: userId });
    return this.repository.labels(id, transaction);
  }

  /** After a sign-in was committed, which may have ended sessions beyond the limit. */
  opened(userId: string): void {
    this.live.forgetUser(userId);
  }
}

const ended = (id: string, reason: EndReason, client: Client) => ({
  action: 'session.ended',
  targetType: 'session',
  targetId: id,
  ip: client.ip,
  requestId: client.requestId,
  details: { reason },
});
