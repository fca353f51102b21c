import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError, notFound } from '../../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../../common/http/page.js';
import type { Actor } from '../../common/security/actor.types.js';
import { lockWithCredential } from '../../database/live-credential.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { CollectionsService } from '../collections.service.js';
import type { Access, Caller, GrantRow, GrantSubject } from '../collections.types.js';
import { GrantsRepository, type Resolved } from './grants.repository.js';
import { Invitees } from './invitees.port.js';

/** Grants by address that a user may give in a day: each may send a mail to somebody who did not ask for it. */
const ADDRESSES_A_DAY = 100;
const DAY_MS = 86_400_000;

/** Who else may use a collection. Only who may manage it decides, so nobody grants what they do not hold. */
@Injectable()
export class GrantsService {
  constructor(
    private readonly repository: GrantsRepository,
    private readonly collections: CollectionsService,
    private readonly invitees: Invitees,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  async page(
    caller: Caller,
    id: string,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<GrantRow>> {
    await this.collections.require(caller, id, 'manage');
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(id, decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => row,
    );
  }

  /**
   * An address without an account gets an invitation, and the same answer. Whoever has the account of an address may not
   * be the one who reads it: where that is demanded, such a grant counts once the account has proved its address.
   * @throws AppError `not_found`, `forbidden`, `too_many_requests` for too many addresses, `unauthenticated` when the
   * session or key has ended meanwhile
   */
  async put(
    caller: Caller & { sessionId: string },
    id: string,
    subject: GrantSubject,
    access: Access,
    actor: Actor,
  ): Promise<GrantRow> {
    await this.collections.require(caller, id, 'manage');
    const row = await this.transactions.run(async (transaction) => {
      await lockWithCredential(transaction, caller.id, caller.sessionId);
      await this.collections.hold(transaction, caller, id, 'manage');
      if (subject.kind === 'email') await this.limitAddresses(transaction, actor);
      const resolved = await this.resolve(transaction, subject, actor);
      const put = await this.repository.put(id, resolved, access, caller.id, transaction);
      await this.record(transaction, 'grant.given', put, actor, { by: subject.kind });
      return put;
    });
    this.collections.forgetReadable();
    return row;
  }

  /** @throws AppError `not_found`, `forbidden` */
  async remove(caller: Caller, id: string, grantId: string, actor: Actor): Promise<void> {
    await this.collections.require(caller, id, 'manage');
    const removed = await this.transactions.run(async (transaction) => {
      await this.collections.hold(transaction, caller, id, 'manage');
      const row = await this.repository.remove(id, grantId, transaction);
      if (row) await this.record(transaction, 'grant.taken_back', row, actor, {});
      return row;
    });
    this.collections.forgetReadable();
    if (!removed) throw notFound('grant');
  }

  /** Whether a role opens nothing to its holders that is closed to this user. */
  holdsAllOf(transaction: Transaction, userId: string, role: string): Promise<boolean> {
    return this.repository.holdsAllOf(userId, role, transaction);
  }

  private async resolve(transaction: Transaction, subject: GrantSubject, actor: Actor): Promise<Resolved> {
    if (subject.kind === 'email') {
      const { email } = subject;
      return { ...(await this.invitees.accountFor(transaction, email, actor)), email };
    }
    if (subject.kind === 'user') {
      if (!(await this.repository.userExists(subject.id, transaction))) throw notFound('user');
      return { userId: subject.id, email: null, needsProof: false };
    }
    const roleId = await this.repository.roleId(subject.name, transaction);
    if (roleId === undefined) throw notFound('role');
    return { roleId };
  }

  /**
   * Counts known and unknown addresses alike, so that the limit does not tell them apart either. Behind
   * `lockWithCredential`, so that parallel requests count each other.
   */
  private async limitAddresses(transaction: Transaction, actor: Actor): Promise<void> {
    const since = new Date(Date.now() - DAY_MS);
    const given = await this.audit.howMany(
      { actorId: actor.id, action: 'grant.given', since },
      { by: 'email' },
      transaction,
    );
    if (given >= ADDRESSES_A_DAY)
      throw new AppError(
        'too_many_requests',
        `At most ${ADDRESSES_A_DAY} grants by e-mail address in a day. Use user:<id> for those who have an account.`,
        { retryAfter: 3600 },
      );
  }

  private record(
    transaction: Transaction,
    action: string,
    row: GrantRow,
    { id: actorId, ip, requestId }: Actor,
    more: Record<string, unknown>,
  ): Promise<void> {
    const details = { grant: row.id, user: row.user_id, role: row.role_name, access: row.access, ...more };
    const target = { targetType: 'collection', targetId: row.collection_id };
    return this.audit.record(transaction, { action, actorId, ip, requestId, ...target, details });
  }
}
