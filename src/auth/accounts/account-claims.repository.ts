import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';

@Injectable()
export class AccountClaimsRepository {
  /** Keys, and doors that were opened to others; the number of each. */
  async closeDoors(transaction: Transaction, userId: string): Promise<{ keys: number; grants: number }> {
    const [, keys] = await transaction.query<[unknown[], number]>('delete from api_keys where user_id = $1', [
      userId,
    ]);
    const [, grants] = await transaction.query<[unknown[], number]>(
      'delete from collection_grants where collection_id in (select id from collections where owner_id = $1)',
      [userId],
    );
    return { keys, grants };
  }
}
