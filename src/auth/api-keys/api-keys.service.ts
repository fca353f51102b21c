import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { CollectionsService } from '../../collections/collections.service.js';
import { AppError, notFound } from '../../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../../common/http/page.js';
import { newId } from '../../common/new-id.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { AuthUser } from '../../common/security/auth-user.js';
import { lockWithCredential } from '../../database/live-credential.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import { UserChanges, type AccessEnd } from '../../users/user-changes.service.js';
import { ADMIN_ROLE } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { newKey } from './api-key-format.js';
import type { ApiKeyRow, NewApiKey } from './api-key.types.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { LiveKeys } from './live-keys.service.js';

/** Enough for every program of a user; more is a program that does not keep its keys. */
const MAX_KEYS = 100;

/** Keys of the caller: never of anybody else. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly repository: ApiKeysRepository,
    private readonly live: LiveKeys,
    private readonly collections: CollectionsService,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    changes: UserChanges,
  ) {
    changes.onAccessEnd((transaction, userId, why) => this.endAll(transaction, userId, why));
  }

  /**
   * @returns the key itself, which is not stored and cannot be shown again.
   * @throws AppError `not_found` for a collection that the caller may not read, `forbidden` for a scope beyond the
   * caller's role, `conflict` at the greatest number of keys
   */
  async create(user: AuthUser, wanted: NewApiKey, client: Client): Promise<{ key: string; row: ApiKeyRow }> {
    if (wanted.scopes.includes('admin:read') && !user.roles.includes(ADMIN_ROLE))
      throw new AppError('forbidden', 'Only administrators may use the scope admin:read.');
    if (wanted.collectionIds) await this.collections.readableAmong(user, wanted.collectionIds);
    const made = { ...newKey(), id: newId() };
    const row = await this.transactions.run(async (transaction) => {
      await lockWithCredential(transaction, user.id, user.sessionId);
      if ((await this.repository.count(user.id, transaction)) >= MAX_KEYS)
        throw new AppError(
          'conflict',
          `There may be ${MAX_KEYS} keys. Delete one that is not used any more.`,
        );
      const stored = await this.repository.insert(user.id, wanted, made, transaction);
      const { prefix, scopes, collectionIds, expiresAt } = stored;
      await this.audit.record(transaction, {
        action: 'api_key.created',
        ...about(user, stored.id, client),
        // Not its name: somebody chose it, and it would outlive the account.
        details: { prefix, scopes, collections: collectionIds, expires_at: expiresAt },
      });
      return stored;
    });
    return { key: made.key, row };
  }

  async page(user: AuthUser, query: { limit?: number; cursor?: string }): Promise<Page<ApiKeyRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.list(user.id, decodeTimeCursor(query.cursor), limit + 1);
    return toPage(
      rows,
      limit,
      (row) => [row.createdAt.toISOString(), row.id],
      (row) => row,
    );
  }

  /** All of a user's, by an administrator. */
  async revokeAll(userId: string, by: Actor): Promise<void> {
    const keys = await this.transactions.run(async (transaction) => {
      const revoked = await this.repository.revokeAll(userId, transaction);
      await this.audit.recordAll(
        transaction,
        revoked.map(({ id }) => ({
          action: 'api_key.revoked',
          actorId: by.id,
          targetType: 'api_key',
          targetId: id,
          ip: by.ip,
          requestId: by.requestId,
          details: { user: userId, by: 'administrator' },
        })),
      );
      return revoked;
    });
    for (const { prefix } of keys) this.live.forget(prefix);
  }

  /**
   * Programs go on when a password is changed. Whoever is disabled comes back without keys: nobody can say what became of
   * them meanwhile, and of a deleted or claimed account they are deleted.
   */
  private async endAll(transaction: Transaction, userId: string, why: AccessEnd): Promise<void> {
    if (why !== 'disabled') return;
    const revoked = await this.repository.revokeAll(userId, transaction);
    await this.audit.recordAll(
      transaction,
      revoked.map(({ id }) => ({
        action: 'api_key.revoked',
        targetType: 'api_key',
        targetId: id,
        details: { user: userId, because: 'user.disabled' },
      })),
    );
  }

  /** At once in this process, within a second in others. @throws AppError `not_found` */
  async revoke(user: AuthUser, id: string, client: Client): Promise<void> {
    const prefix = await this.transactions.run(async (transaction) => {
      const revoked = await this.repository.revoke(user.id, id, transaction);
      if (revoked !== undefined)
        await this.audit.record(transaction, { action: 'api_key.revoked', ...about(user, id, client) });
      return revoked;
    });
    if (prefix === undefined) throw notFound('API key');
    this.live.forget(prefix);
  }
}

const about = (user: AuthUser, id: string, { ip, requestId }: Client) => ({
  actorId: user.id,
  targetType: 'api_key',
  targetId: id,
  ip,
  requestId,
});
