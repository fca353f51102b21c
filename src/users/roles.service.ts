import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { AuditEvent } from '../audit/audit.types.js';
import { CollectionsService } from '../collections/collections.service.js';
import { AppError, notFound } from '../common/errors/app-error.js';
import { DEFAULT_PAGE, encodeCursor, type Page } from '../common/http/page.js';
import { newId } from '../common/new-id.js';
import type { Actor } from '../common/security/actor.types.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { RolesRepository } from './roles.repository.js';
import type { RemovedGrant, RoleRow } from './roles.types.js';
import { UserChanges } from './user-changes.service.js';

/** Roles: `admin`, `user`, and those that collections are granted to. */
@Injectable()
export class RolesService {
  constructor(
    private readonly repository: RolesRepository,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
    private readonly changes: UserChanges,
    private readonly collections: CollectionsService,
  ) {}

  /** By name. @throws AppError `invalid_cursor` */
  async page(query: { limit?: number | undefined; cursor?: string | undefined }): Promise<Page<RoleRow>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(decodeNameCursor(query.cursor), limit + 1);
    const items = rows.slice(0, limit);
    const last = items.at(-1);
    return { items, next_cursor: rows.length > limit && last ? encodeCursor([last.name]) : null };
  }

  /** @throws AppError `conflict` when there is one with this name */
  async create(name: string, description: string | null, by: Actor): Promise<RoleRow> {
    const id = newId();
    return this.transactions.run(async (transaction) => {
      const isNew = await this.repository.insert(id, name, description, transaction);
      if (isNew === undefined) throw new AppError('conflict', 'There is a role with this name.');
      if (isNew) await this.record(transaction, 'role.created', name, by, {});
      return this.require(transaction, name);
    });
  }

  /** With all grants to it. @throws AppError `not_found`, `conflict` for one of the product's own */
  async remove(name: string, by: Actor): Promise<void> {
    const holders = await this.transactions.run(async (transaction) => {
      const role = await this.repository.find(name, transaction);
      if (!role) throw notFound('role');
      if (role.builtin) throw new AppError('conflict', `The role ${name} belongs to the product.`);
      const ids = await this.repository.lockHolders(name, transaction);
      const grants = await this.repository.removeGrants(name, transaction);
      await this.repository.remove(name, transaction);
      await this.audit.recordAll(
        transaction,
        grants.map((grant) => takenBack(grant, name, by)),
      );
      await this.record(transaction, 'role.deleted', name, by, {
        holders: ids.length,
        grants: grants.length,
      });
      return ids;
    });
    for (const id of holders) this.changes.announce(id);
    this.collections.forgetReadable();
  }

  /** @throws AppError `not_found` */
  async require(transaction: Transaction, name: string): Promise<RoleRow> {
    const role = await this.repository.find(name, transaction);
    if (!role) throw notFound('role');
    return role;
  }

  private record(
    transaction: Transaction,
    action: string,
    name: string,
    { id: actorId, ip, requestId }: Actor,
    details: Record<string, unknown>,
  ): Promise<void> {
    const target = { targetType: 'role', targetId: name };
    return this.audit.record(transaction, { action, actorId, ip, requestId, ...target, details });
  }
}

const takenBack = (
  { id, collectionId, access }: RemovedGrant,
  role: string,
  { id: actorId, ip, requestId }: Actor,
): AuditEvent => ({
  action: 'grant.taken_back',
  actorId,
  targetType: 'collection',
  targetId: collectionId,
  ip,
  requestId,
  details: { grant: id, user: null, role, access, because: 'role.deleted' },
});

function decodeNameCursor(cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(value) && value.length === 1 && typeof value[0] === 'string' && value[0].length <= 64)
      return value[0].replaceAll('\0', '');
  } catch {
    // Said below, as for every other unusable cursor.
  }
  throw new AppError('invalid_cursor', 'Use the next_cursor of the previous page, with the same parameters.');
}
