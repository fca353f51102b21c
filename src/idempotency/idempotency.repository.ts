import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NIL_UUID } from '../common/nil-uuid.js';
import { deleteInPieces, PIECE } from '../database/delete-in-pieces.js';

export interface KeyRow {
  fingerprint: Buffer;
  answer: Buffer | null;
}

/** The claim of a key that was let go: free for any request, and remembered for the same one. */
const RELEASED = NIL_UUID;

export interface KeyId {
  userId: string;
  keyHash: Buffer;
}

/** Times are the database's: processes do not agree on theirs. */
@Injectable()
export class IdempotencyRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Undefined when somebody has the key: answered, or still at work. The seed is that of the same request before, which
   * may have got somewhere, unless the key has expired since: then what it made is no business of this one.
   */
  async take(
    id: KeyId,
    values: { fingerprint: Buffer; claim: string; seed: string; lockSeconds: number; keepSeconds: number },
  ): Promise<{ seed: string | null } | undefined> {
    const rows = await this.source.query<{ seed: string | null }[]>(
      `insert into idempotency_keys as k (user_id, key_hash, fingerprint, claim, locked_until, expires_at, seed)
       values ($1, $2, $3, $4, clock_timestamp() + make_interval(secs => $5),
               clock_timestamp() + make_interval(secs => $6), $7)
       on conflict (user_id, key_hash) do update
       set fingerprint = excluded.fingerprint, claim = excluded.claim, locked_until = excluded.locked_until,
           answer = null, expires_at = excluded.expires_at,
           seed = case when k.expires_at < clock_timestamp() or k.fingerprint <> excluded.fingerprint
                       then excluded.seed else k.seed end
       where k.expires_at < clock_timestamp() or k.claim = $8
          or (k.answer is null and k.locked_until < clock_timestamp() and k.fingerprint = excluded.fingerprint)
       returning seed`,
      [
        id.userId,
        id.keyHash,
        values.fingerprint,
        values.claim,
        values.lockSeconds,
        values.keepSeconds,
        values.seed,
        RELEASED,
      ],
    );
    return rows[0];
  }

  /** Undefined where nobody has the key. */
  async find(id: KeyId): Promise<KeyRow | undefined> {
    const rows = await this.source.query<KeyRow[]>(
      'select fingerprint, answer from idempotency_keys where user_id = $1 and key_hash = $2 and claim <> $3',
      [id.userId, id.keyHash, RELEASED],
    );
    return rows[0];
  }

  async isAnswered(id: KeyId): Promise<boolean> {
    const rows = await this.source.query<unknown[]>(
      `select from idempotency_keys
       where user_id = $1 and key_hash = $2 and answer is not null and expires_at > clock_timestamp()`,
      [id.userId, id.keyHash],
    );
    return rows.length > 0;
  }

  async extend(id: KeyId, claim: string, lockSeconds: number): Promise<void> {
    await this.source.query(
      `update idempotency_keys set locked_until = clock_timestamp() + make_interval(secs => $4)
       where user_id = $1 and key_hash = $2 and claim = $3 and answer is null`,
      [id.userId, id.keyHash, claim, lockSeconds],
    );
  }

  /** @param fingerprint in place of the one that it was taken with */
  async answer(id: KeyId, claim: string, answer: Buffer, fingerprint: Buffer | undefined): Promise<void> {
    await this.source.query(
      `update idempotency_keys set answer = $4, fingerprint = coalesce($5, fingerprint)
       where user_id = $1 and key_hash = $2 and claim = $3`,
      [id.userId, id.keyHash, claim, answer, fingerprint ?? null],
    );
  }

  async release(id: KeyId, claim: string): Promise<void> {
    await this.source.query(
      `update idempotency_keys set claim = $4, locked_until = '-infinity'
       where user_id = $1 and key_hash = $2 and claim = $3 and answer is null`,
      [id.userId, id.keyHash, claim, RELEASED],
    );
  }

  /** After the end of the only process, its holds need not lapse first. */
  async releaseAll(): Promise<void> {
    await this.source.query(
      `update idempotency_keys set locked_until = '-infinity' where answer is null and locked_until > '-infinity'`,
    );
  }

  async removeExpired(): Promise<void> {
    await deleteInPieces(
      this.source,
      `delete from idempotency_keys where ctid = any(array(
         select ctid from idempotency_keys where expires_at < clock_timestamp() limit ${PIECE}))
       and expires_at < clock_timestamp()`,
    );
  }
}
