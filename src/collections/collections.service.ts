import { Injectable } from '@nestjs/common';
import { AppError, notFound } from '../common/errors/app-error.js';
import { decodeTimeCursor, DEFAULT_PAGE, toPage, type Page } from '../common/http/page.js';
import { BriefCache } from '../common/resilience/brief-cache.js';
import { lockWithCredential } from '../database/live-credential.js';
import type { Transaction } from '../database/transaction.types.js';
import { Transactions } from '../database/transactions.js';
import { CollectionsRepository } from './collections.repository.js';
import {
  ACCESS_LEVELS,
  type Access,
  type Caller,
  type CollectionRow,
  type CountedCollection,
} from './collections.types.js';

/** How old the readable set of a search may be. */
const READABLE_MS = 1000;

@Injectable()
export class CollectionsService {
  private readonly readable = new BriefCache<readonly string[]>(READABLE_MS);

  constructor(
    private readonly repository: CollectionsRepository,
    private readonly transactions: Transactions,
  ) {}

  /** The collections that the caller may use this way; the predicate of every query. */
  accessibleIds(caller: Caller, access: Access = 'read'): Promise<string[]> {
    return this.repository.accessibleIds(caller, access);
  }

  /**
   * What a query searches: all that the caller may read, or the wanted ones among them. Up to a second old where
   * another process changed it, so whatever is found in it is shown only after the database agreed again.
   * @throws AppError `not_found` when one of `wanted` may not be read, as if it did not exist.
   */
  async readableAmong(caller: Caller, wanted: readonly string[] | undefined): Promise<string[]> {
    const readable = await this.readableBy(caller);
    if (wanted === undefined) return [...readable];
    const allowed = new Set(readable);
    if (wanted.some((id) => !allowed.has(id))) throw notFound('collection');
    return [...new Set(wanted)];
  }

  private readableBy(caller: Caller): Promise<readonly string[]> {
    if (caller.adminAccess) return this.accessibleIds(caller);
    const key = [caller.id, ...(caller.onlyCollections ?? [])].join(' ');
    return this.readable.get(key, () => this.accessibleIds(caller));
  }

  /** @throws AppError `not_found` when it may not be read, `forbidden` when it may be read but not used this way. */
  async require(
    caller: Caller,
    id: string,
    access: Access,
    transaction?: Transaction,
  ): Promise<CollectionRow> {
    const found = await this.repository.find(caller, id, transaction);
    if (!found) throw notFound('collection');
    if (ACCESS_LEVELS.indexOf(found.access) < ACCESS_LEVELS.indexOf(access))
      throw new AppError('forbidden', `You may ${found.access} this collection, but not ${access} it.`);
    return found;
  }

  /**
   * Like `require`, for changes of who may use it: they come one after the other, and each is allowed by those before it.
   * Behind `require`, so that nobody holds what they may not see.
   */
  async hold(transaction: Transaction, caller: Caller, id: string, access: Access): Promise<void> {
    await this.repository.lock(transaction, id);
    await this.require(caller, id, access, transaction);
  }

  /** Where a write goes: the named collection, else the caller's personal one. */
  async writable(caller: Caller, id: string | undefined): Promise<string> {
    if (id !== undefined) return (await this.require(caller, id, 'write')).id;
    const personal = await this.repository.findPersonal(caller.id);
    if (personal === undefined) throw notFound('collection');
    if (caller.onlyCollections && !caller.onlyCollections.includes(personal))
      throw new AppError(
        'forbidden',
        'Name a collection_id: this key is not good for your personal collection.',
      );
    return personal;
  }

  async createPersonal(transaction: Transaction, userId: string): Promise<void> {
    await this.repository.insert(transaction, {
      ownerId: userId,
      name: 'Personal',
      description: null,
      personal: true,
    });
    this.readable.clear();
  }

  /** @throws AppError `forbidden`, `unauthenticated` when the session or key has ended meanwhile */
  async create(
    caller: Caller & { sessionId: string },
    name: string,
    description: string | null,
  ): Promise<CountedCollection> {
    if (caller.onlyCollections)
      throw new AppError('forbidden', 'A key that is limited to collections cannot make another one.');
    const id = await this.transactions.run(async (transaction) => {
      // An erasure takes the collections that are there: none comes behind it.
      await lockWithCredential(transaction, caller.id, caller.sessionId);
      return this.repository.insert(transaction, { ownerId: caller.id, name, description, personal: false });
    });
    this.readable.clear();
    return this.get(caller, id);
  }

  async update(
    caller: Caller,
    id: string,
    change: { name?: string | undefined; description?: string | null | undefined },
  ): Promise<CountedCollection> {
    await this.require(caller, id, 'manage');
    await this.repository.update(id, change);
    return this.get(caller, id);
  }

  async page(
    caller: Caller,
    query: { limit?: number | undefined; cursor?: string | undefined },
  ): Promise<Page<CountedCollection>> {
    const limit = query.limit ?? DEFAULT_PAGE;
    const rows = await this.repository.page(caller, decodeTimeCursor(query.cursor), limit + 1);
    const page = toPage(
      rows,
      limit,
      (row) => [row.created_at.toISOString(), row.id],
      (row) => row,
    );
    return { ...page, items: await this.counted(caller, page.items) };
  }

  /** @throws AppError `not_found` */
  async get(caller: Caller, id: string): Promise<CountedCollection> {
    const found = await this.require(caller, id, 'read');
    const [counted = { ...found, documents: 0 }] = await this.counted(caller, [found]);
    return counted;
  }

  private async counted(caller: Caller, rows: readonly CollectionRow[]): Promise<CountedCollection[]> {
    const ids = rows.map(({ id }) => id);
    const counts = await this.repository.documentCounts(caller, ids);
    return rows.map((row) => ({ ...row, documents: counts.get(row.id) ?? 0 }));
  }

  /** @throws AppError `not_found`, `forbidden`, or `conflict` for a personal one, which lives as long as its user */
  async requireRemovable(caller: Caller, id: string): Promise<void> {
    const found = await this.require(caller, id, 'manage');
    if (found.is_personal) throw new AppError('conflict', 'A personal collection cannot be deleted.');
  }

  /** What may be read changed outside of this service, as by hiding a collection. */
  changed(): void {
    this.readable.clear();
  }

  /** Removes hidden collections that hold no document any more. */
  removeHidden(transaction: Transaction): Promise<void> {
    return this.repository.removeHidden(transaction);
  }

  /** After what may be read was changed and committed. */
  forgetReadable(): void {
    this.readable.clear();
  }
}
