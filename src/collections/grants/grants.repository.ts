import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type { Access, GrantRow } from '../collections.types.js';

const SELECT = `
  select g.id, g.collection_id, g.user_id, g.email, r.name as role_name, g.access,
         g.created_at
  from collection_grants g left join roles r on r.id = g.role_id`;

/** To whom; with the address that stood for the user, if one did. */
export type Resolved = { userId: string; email: string | null; needsProof: boolean } | { roleId: string };

@Injectable()
export class GrantsRepository {
  constructor(private readonly source: DataSource) {}

  page(
    collectionId: string,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<GrantRow[]> {
    return this.source.query<GrantRow[]>(
      `${SELECT} where g.collection_id = $1
         and ($2::timestamptz is null or (g.created_at, g.id) > ($2::timestamptz, $3::uuid))
       order by g.created_at, g.id limit $4`,
      [collectionId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  async userExists(id: string, transaction: Transaction): Promise<boolean> {
    return (await transaction.query<unknown[]>('select 1 from users where id = $1', [id])).length > 0;
  }

  async roleId(name: string, transaction: Transaction): Promise<string | undefined> {
    const rows = await transaction.query<{ id: string }[]>('select id from roles where name = $1', [name]);
    return rows[0]?.id;
  }

  async put(
    collectionId: string,
    subject: Resolved,
    access: Access,
    grantedBy: string,
    transaction: Transaction,
  ): Promise<GrantRow> {
    const [column, value, email, needsProof] =
      'userId' in subject
        ? ['user_id', subject.userId, subject.email, subject.needsProof]
        : ['role_id', subject.roleId, null, false];
    const [put] = await transaction.query<{ id: string }[]>(
      `insert into collection_grants (id, collection_id, ${column}, access, granted_by, email, needs_proof) values ($1, $2, $3, $4, $5, $6, $7)
       on conflict (collection_id, ${column}) do update set
         access = excluded.access, granted_by = excluded.granted_by, email = excluded.email,
         needs_proof = excluded.needs_proof
       returning id`,
      [randomUUID(), collectionId, value, access, grantedBy, email, needsProof],
    );
    const [row] = await transaction.query<GrantRow[]>(`${SELECT} where g.id = $1`, [put?.id]);
    if (!row) throw new Error('the grant vanished inside its own transaction');
    return row;
  }

  /** What was taken back; undefined when there is no such grant. */
  async remove(
    collectionId: string,
    grantId: string,
    transaction: Transaction,
  ): Promise<GrantRow | undefined> {
    const [row] = await transaction.query<GrantRow[]>(
      `${SELECT} where g.collection_id = $1 and g.id = $2 for update of g`,
      [collectionId, grantId],
    );
    if (row) await transaction.query('delete from collection_grants where id = $1', [grantId]);
    return row;
  }

  /** Whether every collection that is granted to a role may be used by the user at least that way. */
  async holdsAllOf(userId: string, role: string, transaction: Transaction): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      `select 1 from collection_grants g join roles r on r.id = g.role_id
       join collections c on c.id = g.collection_id and c.deleted_at is null
       where r.name = $2 and not exists (
         select from accessible_collections($1::uuid, null, false) a where a.collection_id = g.collection_id
           and a.level >= case g.access when 'manage' then 3 when 'write' then 2 else 1 end)
       limit 1`,
      [userId, role],
    );
    return rows.length === 0;
  }
}
