import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { NO_REFUND, type Refund } from '../passwords/refund.types.js';
import { sameBytes } from '../tokens/keys.js';
import { RefreshTokens, type RefreshToken } from '../tokens/refresh-tokens.service.js';
import type { NewSession, Opened, Opening, OpenSession, StoredSession } from './session.types.js';
import { SessionAlerts } from './session-alerts.service.js';
import { SessionsRepository } from './sessions.repository.js';
import { SessionsService } from './sessions.service.js';

export interface TokenedSession {
  session: OpenSession;
  refresh: RefreshToken;
}

export interface DeviceLabels {
  deviceId: string | null;
  deviceName: string | null;
}

/** A session that is about to be opened. */
interface NextSession {
  session: NewSession;
  refresh: RefreshToken;
  user: UserWithPassword;
  /** Seconds. */
  maxAge: number;
}

/** Opens sessions and rotates their refresh tokens. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly tokens: RefreshTokens,
    private readonly sessions: SessionsService,
    private readonly alerts: SessionAlerts,
    private readonly audit: AuditService,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
  ) {}

  /**
   * With the password alone. Undefined when the user is not active any more, has another password than was checked, or
   * a second factor by now. Takes the attempt back in the same moment, in one round trip where nobody has to be told of a new device.
   */
  async openFor(
    user: UserWithPassword,
    labels: DeviceLabels,
    client: Client,
    refund: Refund,
  ): Promise<TokenedSession | undefined> {
    const next = this.newSession(user, labels, client, false);
    const opening = this.opening(next, client, refund);
    const opened = await this.repository.open(next.session, opening, 'refuse');
    if (opened.state === 'opened') return tokened(next, opened);
    if (opened.state === 'changed') return undefined;
    return this.transactions.run((transaction) => this.openIn(transaction, next, opening, client));
  }

  /**
   * For whoever showed all that signing in asks for. Undefined when the user is not active any more, or has another
   * password than was checked.
   */
  open(
    transaction: Transaction,
    user: UserWithPassword,
    labels: DeviceLabels,
    client: Client,
  ): Promise<TokenedSession | undefined> {
    const next = this.newSession(user, labels, client, true);
    return this.openIn(transaction, next, this.opening(next, client, NO_REFUND), client);
  }

  /** The session counts as signed in to when the one before it was. */
  keepRecency(transaction: Transaction, before: string, id: string): Promise<void> {
    return this.repository.keepRecency(before, id, transaction);
  }

  private async openIn(
    transaction: Transaction,
    next: NextSession,
    opening: Opening,
    client: Client,
  ): Promise<TokenedSession | undefined> {
    const opened = await this.repository.open(next.session, opening, 'allow', transaction);
    if (opened.state !== 'opened') return undefined;
    if (opened.isNew) await this.alerts.newDevice(transaction, next.session.id, next.user.id, client);
    return tokened(next, opened);
  }

  private newSession(
    user: UserWithPassword,
    labels: DeviceLabels,
    client: Client,
    factorShown: boolean,
  ): NextSession {
    const refresh = this.tokens.mint({ sessionId: randomUUID(), generation: 0, nonce: randomUUID() });
    const { sessionId: id, nonce, hash: tokenHash } = refresh;
    const session = {
      id,
      userId: user.id,
      passwordHash: user.passwordHash,
      factorShown,
      device: client.device,
      freshDevice: randomUUID(),
      nonce,
      tokenHash,
      ip: client.ip,
      userAgent: client.userAgent,
      ...labels,
    };
    const maxAge = Math.min(this.settings.refreshTokenTtl, this.settings.sessionMaxAge);
    return { session, refresh, user, maxAge };
  }

  private opening(
    { session: { id }, user }: NextSession,
    { ip, requestId }: Client,
    refund: Refund,
  ): Opening {
    const { sessionMaxAge, refreshTokenTtl, maxSessions } = this.settings;
    const event = { action: 'session.opened', actorId: user.id, targetType: 'session', targetId: id };
    return {
      lifetimes: { idle: refreshTokenTtl, absolute: sessionMaxAge },
      most: maxSessions,
      event: this.audit.row({ ...event, ip, requestId }),
      refund,
    };
  }

  /** What a session's client called its device. */
  labels(sessionId: string): Promise<DeviceLabels> {
    return this.repository.labels(sessionId);
  }

  /** See `SessionsService.replace`. */
  replace(
    transaction: Transaction,
    sessionId: string,
    userId: string,
    client: Client,
  ): Promise<DeviceLabels | undefined> {
    return this.sessions.replace(transaction, sessionId, userId, client);
  }

  /**
   * The successor of a genuine refresh token. The token just replaced gets the identical successor again, from
   * the same device only; an older one, or the same from elsewhere, is a stolen copy and ends the session.
   * @throws AppError `invalid_refresh_token`
   */
  async refresh(current: RefreshToken, client: Client): Promise<TokenedSession> {
    const next = this.tokens.successor(current);
    const rotated =
      (await this.repository.rotate(current, next, client, this.settings.refreshTokenTtl)) ??
      (await this.rotateElsewhere(current, next, client));
    if (rotated) return { session: rotated, refresh: next };
    const stored = await this.repository.findStored(current.sessionId);
    if (!stored) throw refused();
    const again = this.repeated(current, stored, client);
    if (again) {
      if (stored.ip !== client.ip || stored.userAgent !== client.userAgent)
        await this.repeatedElsewhere(stored, client);
      return { session: stored, refresh: again };
    }
    // A generation that is still to come means that the database was restored from a backup; no thief has it.
    if (current.generation < stored.generation) await this.sessions.endStolen(stored.id, client);
    throw refused();
  }

  /** The session goes on from another address or browser: no reason to end it, but one to tell its owner. */
  private async rotateElsewhere(
    current: RefreshToken,
    next: RefreshToken,
    client: Client,
  ): Promise<OpenSession | undefined> {
    return this.transactions.run(async (transaction) => {
      const before = await this.repository.lockSeenFrom(current, transaction);
      if (!before) return undefined;
      const { refreshTokenTtl } = this.settings;
      const rotated = await this.repository.rotate(current, next, client, refreshTokenTtl, transaction);
      if (!rotated) return undefined;
      await this.alerts.moved(transaction, rotated, before, client);
      return rotated;
    });
  }

  /** Whoever holds copies of all cookies gets the same successor as their owner; that one is told. */
  private async repeatedElsewhere(session: OpenSession, client: Client): Promise<void> {
    await this.transactions.run(async (transaction) => {
      const before = await this.repository.moveTo(session.id, client, transaction);
      if (before) await this.alerts.moved(transaction, session, before, client);
    });
  }

  private repeated(current: RefreshToken, stored: StoredSession, client: Client): RefreshToken | undefined {
    if (!stored.previousTokenHash || !sameBytes(stored.previousTokenHash, current.hash)) return undefined;
    if (client.device !== stored.device) return undefined;
    const inGrace = stored.sinceRotation !== null && stored.sinceRotation <= this.settings.refreshGrace;
    // The answer may have been lost: as long as nobody used what was in it, nobody else can have received it.
    const neverUsed = stored.confirmedGeneration < stored.generation;
    return inGrace || neverUsed ? this.tokens.knownSuccessor(current, stored.tokenHash) : undefined;
  }
}

const tokened = ({ session, refresh, user, maxAge }: NextSession, { device }: Opened): TokenedSession => {
  const { id, email, username, roles } = user;
  return {
    session: { id: session.id, generation: 0, device, maxAge, user: { id, email, username, roles } },
    refresh,
  };
};

const refused = (): AppError =>
  new AppError('invalid_refresh_token', 'The session has ended. Sign in again.');
