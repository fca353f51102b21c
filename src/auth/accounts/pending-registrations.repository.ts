import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type { PendingRegistration } from './account-request.types.js';

export type StoredRegistration = PendingRegistration & { email: string };

const COLUMNS =
  'email, username, full_name as "fullName", password_hash as "passwordHash", browser_hash as "browserHash"';
/** After that, whoever registered has to do it again. */
const KEPT = `interval '1 day'`;

/** Registrations whose address nobody has confirmed. */
@Injectable()
export class PendingRegistrationsRepository {
  constructor(private readonly source: DataSource) {}

  /** In the place of any other registration of this address. */
  async put(
    transaction: Transaction,
    registration: StoredRegistration & { hash: Buffer; life: number },
  ): Promise<void> {
    const { email, username, fullName, passwordHash, browserHash, hash, life } = registration;
    await transaction.query(
      `insert into pending_registrations (email, username, full_name, password_hash, browser_hash, token_hash, token_expires_at)
       values ($1, $2, $3, $4, $5, $6, now() + make_interval(secs => $7::float8))
       on conflict (email) do update set
         username = excluded.username, full_name = excluded.full_name, password_hash = excluded.password_hash,
         browser_hash = excluded.browser_hash, token_hash = excluded.token_hash, token_expires_at = excluded.token_expires_at, created_at = now()`,
      [email, username, fullName, passwordHash, browserHash, hash, life],
    );
  }

  /** Another token for the same registration; false when there is none. */
  async renew(transaction: Transaction, email: string, hash: Buffer, life: number): Promise<boolean> {
    const [, renewed] = await transaction.query<[unknown[], number]>(
      `update pending_registrations
       set token_hash = $2, token_expires_at = now() + make_interval(secs => $3::float8)
       where email = $1 and created_at > now() - ${KEPT}`,
      [email, hash, life],
    );
    return renewed > 0;
  }

  async find(hash: Buffer): Promise<StoredRegistration | undefined> {
    const rows = await this.source.query<StoredRegistration[]>(
      `select ${COLUMNS} from pending_registrations where token_hash = $1 and token_expires_at > now()`,
      [hash],
    );
    return rows[0];
  }

  /** Of any number of parallel calls, one gets it. */
  async take(transaction: Transaction, hash: Buffer): Promise<StoredRegistration | undefined> {
    const [rows] = await transaction.query<[StoredRegistration[], number]>(
      `delete from pending_registrations where token_hash = $1 and token_expires_at > now() returning ${COLUMNS}`,
      [hash],
    );
    return rows[0];
  }

  async drop(transaction: Transaction, email: string): Promise<void> {
    await transaction.query('delete from pending_registrations where email = $1', [email]);
  }

  async purge(): Promise<void> {
    await this.source.query(`delete from pending_registrations where created_at < now() - ${KEPT}`);
  }
}
