import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';

/** What goes on when all sessions of a user end. */
export interface LastingAccess {
  keys: number;
  webhooks: number;
}

@Injectable()
export class LastingAccessRepository {
  async count(transaction: Transaction, userId: string): Promise<LastingAccess> {
    const [row] = await transaction.query<LastingAccess[]>(
      `select
         (select count(*)::int from api_keys where user_id = $1 and revoked_at is null
            and (expires_at is null or expires_at > now())) as keys,
         (select count(*)::int from webhook_endpoints where owner_id = $1 and enabled) as webhooks`,
      [userId],
    );
    return row ?? { keys: 0, webhooks: 0 };
  }
}
