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

/** In numbers alone: names and addresses may be chosen by whom one is warned of. Empty where nothing goes on. */
export function whatLasts({ keys, webhooks }: LastingAccess): string {
  const left = [
    keys === 0 ? '' : `${keys} API ${keys === 1 ? 'key' : 'keys'}`,
    webhooks === 0
      ? ''
      : `${webhooks} ${webhooks === 1 ? 'webhook' : 'webhooks'} that tell of your documents`,
  ].filter(Boolean);
  return left.length === 0 ? '' : `What goes on as before: ${left.join(', ')}. Remove what you do not know.`;
}
