import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';

/** A grant that is gone. */
export interface TakenGrant {
  id: string;
  collectionId: string;
  userId: string | null;
  role: string | null;
  access: string;
}

export interface ClosedDoors {
  keys: number;
  webhooks: number;
  secondFactor: boolean;
  grants: TakenGrant[];
}

type Deleted<T = unknown> = [rows: T[], count: number];

const TAKEN = `g.id, g.collection_id as "collectionId", g.user_id as "userId",
  (select r.name from roles r where r.id = g.role_id) as role, g.access`;

@Injectable()
export class AccountClaimsRepository {
  /** All that was opened, to programs and to others, and what would keep the owner out or the devices known. */
  async closeDoors(transaction: Transaction, userId: string): Promise<ClosedDoors> {
    // Also those that ended before: a device that is known is guarded less.
    await transaction.query(
      `update refresh_tokens set revoked_at = coalesce(revoked_at, now()), revoked_reason = 'claimed'
       where user_id = $1`,
      [userId],
    );
    const [, keys] = await transaction.query<Deleted>('delete from api_keys where user_id = $1', [userId]);
    const [, webhooks] = await transaction.query<Deleted>(
      'delete from webhook_endpoints where owner_id = $1',
      [userId],
    );
    const [factors] = await transaction.query<Deleted<{ on: boolean }>>(
      'delete from second_factors where user_id = $1 returning confirmed_at is not null as on',
      [userId],
    );
    const [grants] = await transaction.query<Deleted<TakenGrant>>(
      `delete from collection_grants g using collections c
       where c.id = g.collection_id and c.owner_id = $1 returning ${TAKEN}`,
      [userId],
    );
    return { keys, webhooks, secondFactor: factors.some(({ on }) => on), grants };
  }

  /** What was shared with the address of the account, and not with the account. */
  async dropGrantsToAddress(transaction: Transaction, userId: string): Promise<TakenGrant[]> {
    const [grants] = await transaction.query<Deleted<TakenGrant>>(
      `delete from collection_grants g where g.user_id = $1 and g.email is not null returning ${TAKEN}`,
      [userId],
    );
    return grants;
  }
}
