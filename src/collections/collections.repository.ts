import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { COUNTED_TO } from '../common/http/page.js';
import { newId } from '../common/new-id.js';
import type { Transaction } from '../database/transaction.types.js';
import type { Access, Caller, CollectionRow } from './collections.types.js';

const LEVEL: Record<Access, number> = { read: 1, write: 2, manage: 3 };
const ACCESS_OF_LEVEL = `case a.level when 3 then 'manage' when 2 then 'write' else 'read' end as access`;
const COLUMNS = `c.id, c.owner_id, c.name, c.description, c.is_personal, c.created_at, c.updated_at, ${ACCESS_OF_LEVEL}`;

/** Its parameters are the first three of a statement. */
const ACCESSIBLE = 'accessible_collections($1::uuid, $2::uuid[], $3::boolean)';
const callerValues = (caller: Caller): unknown[] => [
  caller.id,
  caller.onlyCollections ?? null,
  caller.adminAccess === true,
];

@Injectable()
export class CollectionsRepository {
  constructor(private readonly source: DataSource) {}

  async accessibleIds(caller: Caller, access: Access): Promise<string[]> {
    const rows = await this.source.query<{ collection_id: string }[]>(
      `select collection_id from ${ACCESSIBLE} a where a.level >= $4`,
      [...callerValues(caller), LEVEL[access]],
    );
    return rows.map((row) => row.collection_id);
  }

  async find(caller: Caller, id: string, transaction?: Transaction): Promise<CollectionRow | undefined> {
    const rows = await (transaction ?? this.source.manager).query<CollectionRow[]>(
      `select ${COLUMNS} from collections c join ${ACCESSIBLE} a on a.collection_id = c.id where c.id = $4`,
      [...callerValues(caller), id],
    );
    return rows[0];
  }

  /** Holds its row until the transaction ends. */
  async lock(transaction: Transaction, id: string): Promise<void> {
    await transaction.query('select 1 from collections where id = $1 for no key update', [id]);
  }

  async findPersonal(userId: string): Promise<string | undefined> {
    const rows = await this.source.query<{ id: string }[]>(
      'select id from collections where owner_id = $1 and is_personal',
      [userId],
    );
    return rows[0]?.id;
  }

  async page(
    caller: Caller,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<CollectionRow[]> {
    return this.source.query<CollectionRow[]>(
      `select ${COLUMNS} from collections c join ${ACCESSIBLE} a on a.collection_id = c.id
       where $4::timestamptz is null or (c.created_at, c.id) > ($4::timestamptz, $5::uuid)
       order by c.created_at, c.id limit $6`,
      [...callerValues(caller), after?.at ?? null, after?.id ?? null, limit],
    );
  }

  /** How many documents are in those of these collections that the caller may read, counted to `COUNTED_TO`. */
  async documentCounts(caller: Caller, ids: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.source.query<{ id: string; documents: number }[]>(
      `select a.collection_id as id, n.documents from ${ACCESSIBLE} a cross join lateral (
         select count(*)::int as documents from (
           select from documents d where d.collection_id = a.collection_id and d.deleted_at is null limit ${COUNTED_TO}) k) n
       where a.collection_id = any($4::uuid[])`,
      [...callerValues(caller), ids],
    );
    return new Map(rows.map(({ id, documents }) => [id, documents]));
  }

  async insert(
    transaction: Transaction,
    values: { ownerId: string; name: string; description: string | null; personal: boolean },
  ): Promise<string> {
    const id = newId();
    await transaction.query(
      `insert into collections (id, owner_id, name, description, is_personal) values ($1, $2, $3, $4, $5)
       on conflict (id) do nothing`,
      [id, values.ownerId, values.name, values.description, values.personal],
    );
    return id;
  }

  async update(
    id: string,
    change: { name?: string | undefined; description?: string | null | undefined },
  ): Promise<void> {
    await this.source.query(
      `update collections set name = coalesce($2, name), description = case when $3 then $4 else description end, updated_at = now() where id = $1`,
      [id, change.name ?? null, change.description !== undefined, change.description ?? null],
    );
  }

  /** Takes away hidden collections that nothing is left in. */
  async removeHidden(transaction: Transaction): Promise<void> {
    await transaction.query(
      `delete from collections c where c.deleted_at is not null
         -- Each is answered by an index; there is none of both.
         and not exists (select 1 from documents d where d.collection_id = c.id and d.deleted_at is null)
         and not exists (select 1 from documents d where d.collection_id = c.id and d.deleted_at is not null)`,
    );
  }
}
