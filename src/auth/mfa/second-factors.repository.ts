import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Sealed } from '../../common/security/resealing.js';
import type { Transaction } from '../../database/transaction.types.js';

export interface StoredFactor {
  secret: Buffer;
  confirmedAt: Date | null;
  lastStep: number;
}

export interface FactorState {
  confirmedAt: Date | null;
  recoveryCodes: number;
}

type Changed = [unknown[], number];

@Injectable()
export class SecondFactorsRepository {
  constructor(private readonly source: DataSource) {}

  async find(userId: string, transaction?: Transaction): Promise<StoredFactor | undefined> {
    const rows = await (transaction ?? this.source.manager).query<StoredFactor[]>(
      `select secret, confirmed_at as "confirmedAt", last_step::float8 as "lastStep" from second_factors
       where user_id = $1`,
      [userId],
    );
    return rows[0];
  }

  async state(userId: string): Promise<FactorState> {
    const rows = await this.source.query<FactorState[]>(
      `select f.confirmed_at as "confirmedAt",
              (select count(*)::int from recovery_codes c where c.user_id = f.user_id) as "recoveryCodes"
       from second_factors f where f.user_id = $1`,
      [userId],
    );
    return rows[0] ?? { confirmedAt: null, recoveryCodes: 0 };
  }

  /** A secret that counts once it was confirmed, in the place of one that was not; false when one was. */
  async offer(userId: string, secret: Buffer, transaction: Transaction): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      `insert into second_factors as f (user_id, secret) values ($1, $2)
       on conflict (user_id) do update set secret = excluded.secret, created_at = now(), last_step = 0
         where f.confirmed_at is null
       returning 1`,
      [userId, secret],
    );
    return rows.length > 0;
  }

  /** False when it is not there, or was confirmed before. */
  async confirm(userId: string, secret: Buffer, step: number, transaction: Transaction): Promise<boolean> {
    const [, changed] = await transaction.query<Changed>(
      `update second_factors set confirmed_at = now(), last_step = $3
       where user_id = $1 and secret = $2 and confirmed_at is null`,
      [userId, secret, step],
    );
    return changed > 0;
  }

  /** Whether a factor is on; it stays so until the transaction ends. */
  async lockConfirmed(userId: string, transaction: Transaction): Promise<boolean> {
    const rows = await transaction.query<unknown[]>(
      'select 1 from second_factors where user_id = $1 and confirmed_at is not null for update',
      [userId],
    );
    return rows.length > 0;
  }

  /** Of any number of parallel uses of a code, one gets true. */
  async useStep(userId: string, secret: Buffer, step: number, transaction: Transaction): Promise<boolean> {
    const [, changed] = await transaction.query<Changed>(
      `update second_factors set last_step = $3
       where user_id = $1 and secret = $2 and confirmed_at is not null and last_step < $3`,
      [userId, secret, step],
    );
    return changed > 0;
  }

  async useRecoveryCode(userId: string, hash: Buffer, transaction: Transaction): Promise<boolean> {
    const [, changed] = await transaction.query<Changed>(
      'delete from recovery_codes where user_id = $1 and code_hash = $2',
      [userId, hash],
    );
    return changed > 0;
  }

  async putRecoveryCodes(userId: string, hashes: readonly Buffer[], transaction: Transaction): Promise<void> {
    await transaction.query('delete from recovery_codes where user_id = $1', [userId]);
    await transaction.query(
      'insert into recovery_codes (user_id, code_hash) select $1, hash from unnest($2::bytea[]) as hash',
      [userId, hashes],
    );
  }

  async remove(userId: string, transaction: Transaction): Promise<boolean> {
    const [, changed] = await transaction.query<Changed>(
      'delete from second_factors where user_id = $1 and confirmed_at is not null',
      [userId],
    );
    return changed > 0;
  }

  /** Secrets by their users, in the order of ids from the one after `after`. */
  sealed(after: string, count: number): Promise<Sealed[]> {
    return this.source.query(
      'select user_id as id, secret as sealed from second_factors where user_id > $1 order by user_id limit $2',
      [after, count],
    );
  }

  /** The same secret, sealed otherwise; false where it is another one meanwhile. */
  async reseal({ id, sealed }: Sealed, again: Buffer): Promise<boolean> {
    const [, changed] = await this.source.query<Changed>(
      'update second_factors set secret = $3 where user_id = $1 and secret = $2',
      [id, sealed, again],
    );
    return changed > 0;
  }
}
