import { Injectable } from '@nestjs/common';
import { DataSource, LessThan } from 'typeorm';
import type { Transaction } from '../../database/transaction.types.js';
import type { RefreshToken } from '../tokens/refresh-tokens.service.js';
import { SessionEntity } from './session.entity.js';
import type {
  EndReason,
  LiveSession,
  NewSession,
  Opened,
  Opening,
  OpenSession,
  SeenFrom,
  SessionRow,
  StoredSession,
} from './session.types.js';

/** `expires_at` never lies behind `absolute_expires_at`, so it alone decides. */
const LIVE = 's.revoked_at is null and s.expires_at > now()';
/** The same in `open_session`. */
const TRUSTED = `coalesce(s.revoked_reason, '') not in ('reuse', 'claimed')`;
const ROLES = `array(select r.name::text from user_roles ur join roles r on r.id = ur.role_id
                     where ur.user_id = u.id order by r.name)`;
const OPEN_SESSION = `
  s.id, s.generation, s.device_key as device, greatest(0, floor(extract(epoch from s.expires_at - now())))::int as "maxAge",
  json_build_object('id', u.id, 'email', u.email, 'username', u.username, 'roles', ${ROLES}) as user`;

/** The shape in which the driver returns an `update ... returning`. */
type Updated<T> = [rows: T[], count: number];

@Injectable()
export class SessionsRepository {
  constructor(private readonly source: DataSource) {}

  /**
   * Opens a session unless its user is not active, has another password by now or a factor that was not shown; ends the oldest ones beyond `most`,
   * writes all of it into the audit log, and takes the attempt back. One round trip, whole or not at all; parallel
   * sign-ins of one user come one after the other.
   * @param newDevice `refuse` does nothing for a device that was not seen before: its owner is to be told, for which
   * the caller needs a transaction
   */
  async open(
    session: NewSession,
    { lifetimes, most, event, refund }: Opening,
    newDevice: 'allow' | 'refuse',
    transaction?: Transaction,
  ): Promise<Opened> {
    const { id, userId, passwordHash, deviceId, deviceName, device, freshDevice } = session;
    const rows = await (transaction ?? this.source).query<Opened[]>(
      `select state, device, is_new as "isNew"
       from open_session($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
      [
        id,
        userId,
        passwordHash,
        session.factorShown,
        deviceId,
        deviceName,
        device ?? null,
        freshDevice,
        session.nonce,
        session.tokenHash,
        session.ip,
        session.userAgent,
        lifetimes.idle,
        lifetimes.absolute,
        most,
        newDevice === 'allow',
        JSON.stringify(event),
        refund.decrement,
        refund.delete,
      ],
    );
    return rows[0]!;
  }

  /** The labels that the client of a session gave it. */
  async labels(
    id: string,
    transaction?: Transaction,
  ): Promise<{ deviceId: string | null; deviceName: string | null }> {
    const [row] = await (transaction ?? this.source).query<
      { deviceId: string | null; deviceName: string | null }[]
    >('select device_id as "deviceId", device_name as "deviceName" from refresh_tokens where id = $1', [id]);
    return row ?? { deviceId: null, deviceName: null };
  }

  /** A session that counts as signed in to when another one was. */
  async keepRecency(before: string, id: string, transaction: Transaction): Promise<void> {
    await transaction.query(
      `update refresh_tokens s set authenticated_at = b.authenticated_at from refresh_tokens b
       where s.id = $2 and b.id = $1`,
      [before, id],
    );
  }

  /** What every request asks; undefined unless the session lives and its user is active. */
  async findLive(id: string): Promise<LiveSession | undefined> {
    const rows = await this.source.query<LiveSession[]>(
      `select s.user_id as "userId", s.confirmed_generation as "confirmedGeneration", u.email, u.username,
              u.full_name as "fullName", u.email_verified_at is not null as "emailVerified", s.authenticated_at as "authenticatedAt",
              exists (select from second_factors f where f.user_id = u.id and f.confirmed_at is not null) as "secondFactor",
              ${ROLES} as roles
       from refresh_tokens s join users u on u.id = s.user_id
       where s.id = $1 and ${LIVE} and u.is_active`,
      [id],
    );
    return rows[0];
  }

  /** Remembers that a token of this generation was used. */
  async confirm(id: string, generation: number): Promise<void> {
    await this.source.manager.update(
      SessionEntity,
      { id, confirmedGeneration: LessThan(generation) },
      { confirmedGeneration: generation },
    );
  }

  /**
   * One compare-and-swap: of any number of requests with the same token, one gets its row back. Ending a session
   * writes the same row, so the two come one after the other. Without a transaction, only from the address and
   * browser that used the session last; a change of these has to be recorded together with it.
   */
  async rotate(
    current: RefreshToken,
    next: RefreshToken,
    from: SeenFrom,
    idle: number,
    transaction?: Transaction,
  ): Promise<OpenSession | undefined> {
    const [rows] = await (transaction ?? this.source).query<Updated<OpenSession>>(
      `update refresh_tokens s
       set generation = $4, jti = $5, token_hash = $6, previous_token_hash = s.token_hash, rotated_at = now(),
           last_used_at = now(), expires_at = least(now() + make_interval(secs => $7::float8), s.absolute_expires_at),
           ip = $8, user_agent = $9
       from users u
       where s.id = $1 and s.generation = $2 and s.token_hash = $3 and ${LIVE} and u.id = s.user_id and u.is_active
         and ($10 or (s.ip is not distinct from $8 and s.user_agent is not distinct from $9))
       returning ${OPEN_SESSION}`,
      [
        current.sessionId,
        current.generation,
        current.hash,
        next.generation,
        next.nonce,
        next.hash,
        idle,
        from.ip,
        from.userAgent,
        transaction !== undefined,
      ],
    );
    return rows[0];
  }

  /** From where the session was used last; holds its row. Undefined when the token is not its current one. */
  async lockSeenFrom(current: RefreshToken, transaction: Transaction): Promise<SeenFrom | undefined> {
    const rows = await transaction.query<SeenFrom[]>(
      `select s.ip, s.user_agent as "userAgent" from refresh_tokens s
       where s.id = $1 and s.generation = $2 and s.token_hash = $3 and ${LIVE} for no key update`,
      [current.sessionId, current.generation, current.hash],
    );
    return rows[0];
  }

  /** Where the session is used from now; from where it was before. Undefined when it is the same, or has ended. */
  async moveTo(id: string, from: SeenFrom, transaction: Transaction): Promise<SeenFrom | undefined> {
    const rows = await transaction.query<SeenFrom[]>(
      `select s.ip, s.user_agent as "userAgent" from refresh_tokens s
       where s.id = $1 and ${LIVE} and (s.ip is distinct from $2 or s.user_agent is distinct from $3) for no key update`,
      [id, from.ip, from.userAgent],
    );
    if (rows.length > 0)
      await transaction.query('update refresh_tokens set ip = $2, user_agent = $3 where id = $1', [
        id,
        from.ip,
        from.userAgent,
      ]);
    return rows[0];
  }

  /** Where the user's live sessions are used from, and the networks that they were used from before. */
  networks(
    userId: string,
    transaction: Transaction,
  ): Promise<{ id: string; ip: string | null; networks: string[] }[]> {
    return transaction.query(
      `select s.id, s.ip, s.networks from refresh_tokens s where s.user_id = $1 and ${LIVE}`,
      [userId],
    );
  }

  async keepNetworks(id: string, networks: readonly string[], transaction: Transaction): Promise<void> {
    await transaction.query('update refresh_tokens set networks = $2 where id = $1', [id, networks]);
  }

  /** For a refresh that did not rotate; undefined unless the session lives and its user is active. */
  async findStored(id: string): Promise<StoredSession | undefined> {
    const rows = await this.source.query<StoredSession[]>(
      `select ${OPEN_SESSION}, s.token_hash as "tokenHash", s.previous_token_hash as "previousTokenHash",
              extract(epoch from now() - s.rotated_at)::float8 as "sinceRotation",
              s.confirmed_generation as "confirmedGeneration", s.ip, s.user_agent as "userAgent"
       from refresh_tokens s join users u on u.id = s.user_id
       where s.id = $1 and ${LIVE} and u.is_active`,
      [id],
    );
    return rows[0];
  }

  /** The user whose session it was; undefined when it had ended before, or is not `ownerId`'s. */
  async end(
    id: string,
    reason: EndReason,
    transaction: Transaction,
    ownerId: string | null = null,
  ): Promise<string | undefined> {
    const [rows] = await transaction.query<Updated<{ userId: string }>>(
      `update refresh_tokens s set revoked_at = now(), revoked_reason = $2
       where s.id = $1 and ($3::uuid is null or s.user_id = $3) and ${LIVE} returning s.user_id as "userId"`,
      [id, reason, ownerId],
    );
    return rows[0]?.userId;
  }

  /** Ends all sessions of the user except `keep`; the ids of those that ended. */
  async endAll(
    userId: string,
    reason: EndReason,
    transaction: Transaction,
    keep: string | null = null,
  ): Promise<string[]> {
    const [rows] = await transaction.query<Updated<{ id: string }>>(
      `update refresh_tokens s set revoked_at = now(), revoked_reason = $2
       where s.user_id = $1 and ($3::uuid is null or s.id <> $3) and ${LIVE} returning s.id`,
      [userId, reason, keep],
    );
    return rows.map((row) => row.id);
  }

  /**
   * Whether the device has signed in to this account before, none of its tokens was ever stolen, and it is not that of
   * somebody from whom the account was taken. It may be signed out: nothing more than a guard against guesses depends on it.
   */
  async knowsDevice(userId: string, device: string): Promise<boolean> {
    const [row] = await this.source.query<{ known: boolean }[]>(
      `select coalesce(bool_and(${TRUSTED}), false) as known
       from refresh_tokens s where s.user_id = $1 and s.device_key = $2`,
      [userId, device],
    );
    return row?.known ?? false;
  }

  /** Whether the device is known, as above, and signed in to this account now. */
  async isSignedInOn(userId: string, device: string): Promise<boolean> {
    const [row] = await this.source.query<{ signed_in: boolean }[]>(
      `select coalesce(bool_and(${TRUSTED}) and bool_or(${LIVE}), false) as signed_in
       from refresh_tokens s where s.user_id = $1 and s.device_key = $2`,
      [userId, device],
    );
    return row?.signed_in ?? false;
  }

  /** Newest first. */
  async list(
    userId: string,
    after: { at: string; id: string } | undefined,
    limit: number,
  ): Promise<SessionRow[]> {
    return this.source.query<SessionRow[]>(
      `select s.id, s.device_id as "deviceId", s.device_name as "deviceName", s.ip, s.user_agent as "userAgent",
              s.created_at as "createdAt", s.last_used_at as "lastUsedAt"
       from refresh_tokens s
       where s.user_id = $1 and ${LIVE}
         and ($2::timestamptz is null or (s.created_at, s.id) < ($2::timestamptz, $3::uuid))
       order by s.created_at desc, s.id desc limit $4`,
      [userId, after?.at ?? null, after?.id ?? null, limit],
    );
  }

  /** Forgets sessions that ended so long ago that nobody asks about them any more. */
  async purge(days: number): Promise<void> {
    await this.source.query(
      `delete from refresh_tokens where least(expires_at, coalesce(revoked_at, expires_at)) < now() - make_interval(days => $1)`,
      [days],
    );
  }
}
