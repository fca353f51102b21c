import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Caller } from '../../collections/collections.types.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { RemovalRow } from '../documents.types.js';

/** The collections that go: the one, or all of the user. */
const COLLECTIONS = `
  select c.id from collections c
  where c.deleted_at is not null and case r.kind when 'user' then c.owner_id else c.id end = r.subject_id`;
/** Each count has an index of its own: there is none of all documents of a collection. */
const REMAINING = `
  select coalesce(sum(
    (select count(*) from documents d where d.collection_id = gone.id and d.deleted_at is null)
    + (select count(*) from documents d where d.collection_id = gone.id and d.deleted_at is not null)), 0)::int
  from (${COLLECTIONS}) gone`;
const ROW = `
  r.id, r.kind, r.subject_id, r.documents, r.created_at, r.finished_at,
  case when r.finished_at is null then (${REMAINING}) else 0 end as remaining`;

/** Removals of whole collections and users. */
@Injectable()
export class RemovalsRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Hides the collections and begins their removal; undefined where there is nothing to hide, or the user is active.
   * A user without collections goes, too.
   */
  async begin(
    tx: Transaction,
    kind: 'collection' | 'user',
    subjectId: string,
    requestedBy: string | null,
  ): Promise<string | undefined> {
    const column = kind === 'user' ? 'owner_id' : 'id';
    const rows = await tx.query<{ n: number }[]>(
      `with hidden as (
         update collections set deleted_at = now() where ${column} = $1 and deleted_at is null
           and (not $2 or exists (select 1 from users u where u.id = $1 and not u.is_active))
         returning id
       )
       select (select count(*)::int from documents d join hidden on hidden.id = d.collection_id) as n
       where exists (select 1 from hidden)
         or ($2 and exists (select 1 from users u where u.id = $1 and not u.is_active)
             and not exists (select 1 from removals r where r.kind = 'user' and r.subject_id = $1 and r.finished_at is null))`,
      [subjectId, kind === 'user'],
    );
    const [found] = rows;
    if (!found) return undefined;
    const id = randomUUID();
    await tx.query(
      'insert into removals (id, kind, subject_id, requested_by, documents) values ($1, $2, $3, $4, $5)',
      [id, kind, subjectId, requestedBy, found.n],
    );
    return id;
  }

  /** One that the caller asked for, of a collection that the credential is good for. */
  async find(id: string, caller: Caller): Promise<RemovalRow | undefined> {
    const rows = await this.source.query<RemovalRow[]>(
      `select ${ROW} from removals r
       where r.id = $1 and ($2 or r.requested_by = $3) and ($4::uuid[] is null or r.subject_id = any($4))`,
      [id, caller.adminAccess === true, caller.id, caller.onlyCollections ?? null],
    );
    return rows[0];
  }

  open(): Promise<RemovalRow[]> {
    return this.source.query<RemovalRow[]>(
      `select ${ROW} from removals r where r.finished_at is null order by r.created_at, r.id`,
    );
  }

  /** Documents of the removal that are still to be taken from the indexes. */
  async nextDocuments(id: string, limit: number): Promise<string[]> {
    const rows = await this.source.query<{ id: string }[]>(
      `select d.id from removals r join documents d on d.collection_id in (${COLLECTIONS})
       where r.id = $1 and d.deleted_at is null limit $2`,
      [id, limit],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Ends a removal that nothing is left of; a user goes now.
   * @returns `more` where the user had another collection, which is hidden now: as one that was made by a process that
   * did not know of the end
   */
  async finish(tx: Transaction, id: string): Promise<'ended' | 'left' | 'more'> {
    const rows = await tx.query<RemovalRow[]>(`select ${ROW} from removals r where r.id = $1`, [id]);
    const [removal] = rows;
    if (!removal || removal.remaining > 0) return 'left';
    if (removal.kind === 'user') {
      const [, hidden] = await tx.query<[unknown[], number]>(
        `update collections set deleted_at = now() where owner_id = $1 and deleted_at is null
           and exists (select 1 from users u where u.id = $1 and not u.is_active)`,
        [removal.subject_id],
      );
      if (hidden > 0) return 'more';
      await tx.query('delete from users where id = $1 and not is_active', [removal.subject_id]);
    }
    await tx.query('update removals set finished_at = now() where id = $1', [id]);
    return 'ended';
  }
}
