import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type { RemovedGrant, RoleRow } from './roles.types.js';

const SELECT = `
  select r.name, r.description, r.name in ('admin', 'user') as builtin, r.created_at as "createdAt",
         (select count(*)::int from user_roles ur where ur.role_id = r.id) as users
  from roles r`;

@Injectable()
export class RolesRepository {
  constructor(private readonly source: DataSource) {}

  /** By name. */
  page(after: string | undefined, limit: number): Promise<RoleRow[]> {
    return this.source.query<RoleRow[]>(
      `${SELECT} where $1::text is null or r.name > $1 collate "C" order by r.name collate "C" limit $2`,
      [after ?? null, limit],
    );
  }

  /** False when it is there by this id: the same request made it before. Undefined when another one has this name. */
  async insert(
    id: string,
    name: string,
    description: string | null,
    transaction: Transaction,
  ): Promise<boolean | undefined> {
    const made = await transaction.query<unknown[]>(
      'insert into roles (id, name, description) values ($1, $2, $3) on conflict do nothing returning id',
      [id, name, description],
    );
    if (made.length > 0) return true;
    const own = await transaction.query<unknown[]>('select 1 from roles where id = $1 and name = $2', [
      id,
      name,
    ]);
    return own.length > 0 ? false : undefined;
  }

  async find(name: string, transaction: Transaction): Promise<RoleRow | undefined> {
    return (await transaction.query<RoleRow[]>(`${SELECT} where r.name = $1`, [name]))[0];
  }

  /** Who holds it, locked against getting or losing it until the transaction ends. */
  async lockHolders(name: string, transaction: Transaction): Promise<string[]> {
    await transaction.query('select 1 from roles where name = $1 for update', [name]);
    const rows = await transaction.query<{ id: string }[]>(
      'select ur.user_id as id from user_roles ur join roles r on r.id = ur.role_id where r.name = $1',
      [name],
    );
    return rows.map((row) => row.id);
  }

  /** All that was granted to it, which goes. */
  async removeGrants(name: string, transaction: Transaction): Promise<RemovedGrant[]> {
    const [rows] = await transaction.query<[RemovedGrant[], number]>(
      `delete from collection_grants g using roles r where r.id = g.role_id and r.name = $1
       returning g.id, g.collection_id as "collectionId", g.access`,
      [name],
    );
    return rows;
  }

  async remove(name: string, transaction: Transaction): Promise<boolean> {
    const [, removed] = await transaction.query<[unknown[], number]>('delete from roles where name = $1', [
      name,
    ]);
    return removed > 0;
  }
}
