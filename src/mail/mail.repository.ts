import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';

@Injectable()
export class MailRepository {
  constructor(private readonly source: DataSource) {}

  async insert(
    transaction: Transaction,
    mail: { id: string; userId: string | null; sealed: Buffer; usefulFor: number },
  ): Promise<void> {
    await transaction.query(
      `insert into outgoing_mails (id, user_id, sealed, expires_at)
       values ($1, $2, $3, now() + make_interval(secs => $4::float8))`,
      [mail.id, mail.userId, mail.sealed, mail.usefulFor],
    );
  }

  /** Undefined when it was handed over already, or is worth nothing any more. */
  async find(id: string): Promise<Buffer | undefined> {
    const rows = await this.source.query<{ sealed: Buffer }[]>(
      'select sealed from outgoing_mails where id = $1 and expires_at > now()',
      [id],
    );
    return rows[0]?.sealed;
  }

  async remove(id: string): Promise<void> {
    await this.source.query('delete from outgoing_mails where id = $1', [id]);
  }

  /** Counts one more mail for the recipient; the number of those in the present window. */
  async count(transaction: Transaction, recipient: Buffer, window: number): Promise<number> {
    const rows = await transaction.query<{ sent: number }[]>(
      `insert into mail_allowances as a (recipient, sent) values ($1, 1)
       on conflict (recipient) do update set
         sent = case when a.started_at < now() - make_interval(secs => $2::float8) then 1 else a.sent + 1 end,
         started_at = case when a.started_at < now() - make_interval(secs => $2::float8) then now() else a.started_at end
       returning sent`,
      [recipient, window],
    );
    return rows[0]?.sent ?? 0;
  }

  async purge(window: number): Promise<void> {
    await this.source.query('delete from outgoing_mails where expires_at < now()');
    await this.source.query(
      'delete from mail_allowances where started_at < now() - make_interval(secs => $1::float8)',
      [window],
    );
  }
}
