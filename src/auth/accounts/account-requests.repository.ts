import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import type { AccountRequest } from './account-request.types.js';

interface Row {
  kind: AccountRequest['kind'];
  email: string;
  username: string | null;
  full_name: string | null;
  password_hash: string | null;
  browser_hash: Buffer | null;
  user_id: string | null;
  ip: string | null;
  request_id: string | null;
  fresh: boolean;
}

/** Later, whoever asked has gone, or asked again. */
const FRESH = `interval '1 hour'`;

@Injectable()
export class AccountRequestsRepository {
  async add(transaction: Transaction, request: AccountRequest): Promise<void> {
    const { kind, email, registration, userId = null, ip, requestId } = request;
    await transaction.query(
      `insert into account_requests (kind, email, username, full_name, password_hash, browser_hash, user_id, ip, request_id)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
      [
        kind,
        email,
        registration?.username ?? null,
        registration?.fullName ?? null,
        registration?.passwordHash ?? null,
        registration?.browserHash ?? null,
        userId,
        ip,
        requestId,
      ],
    );
  }

  /** Another address that the user asked for and that nobody has looked at yet. */
  async dropAddressChanges(transaction: Transaction, userId: string): Promise<void> {
    await transaction.query(`delete from account_requests where user_id = $1 and kind = 'change_address'`, [
      userId,
    ]);
  }

  /** Takes the oldest that nobody else works on; `stale` is to be skipped. Undefined when there is none. */
  async take(transaction: Transaction): Promise<AccountRequest | 'stale' | undefined> {
    const [rows] = await transaction.query<[Row[], number]>(
      `delete from account_requests where id =
         (select id from account_requests order by id limit 1 for update skip locked)
       returning kind, email, username, full_name, password_hash, browser_hash, user_id, ip, request_id,
                 created_at > now() - ${FRESH} as fresh`,
    );
    const row = rows[0];
    if (!row) return undefined;
    if (!row.fresh) return 'stale';
    const { kind, email, ip } = row;
    const request: AccountRequest = { kind, email, ip, requestId: row.request_id };
    if (row.user_id !== null) request.userId = row.user_id;
    if (row.password_hash !== null)
      request.registration = {
        passwordHash: row.password_hash,
        browserHash: row.browser_hash,
        username: row.username,
        fullName: row.full_name,
      };
    return request;
  }
}
