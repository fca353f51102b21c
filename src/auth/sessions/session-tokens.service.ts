import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import { Settings } from '../../config/settings.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Transactions } from '../../database/transactions.js';
import type { UserWithPassword } from '../../users/users.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import { sameBytes } from '../tokens/keys.js';
import { RefreshTokens, type RefreshToken } from '../tokens/refresh-tokens.service.js';
import type { OpenSession, StoredSession } from './session.types.js';
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

/** Opens sessions and rotates their refresh tokens. */
@Injectable()
export class SessionTokens {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly tokens: RefreshTokens,
    private readonly sessions: SessionsService,
    private readonly notices: SecurityNotices,
    private readonly transactions: Transactions,
    private readonly settings: Settings,
  ) {}

  /** The caller holds the user's row, so that parallel sign-ins count each other. */
  async open(
    transaction: Transaction,
    user: UserWithPassword,
    labels: DeviceLabels,
    client: Client,
  ): Promise<TokenedSession> {
    const refresh = this.tokens.mint({ sessionId: randomUUID(), generation: 0, nonce: randomUUID() });
    const { sessionMaxAge, refreshTokenTtl, maxSessions } = this.settings;
    const device = await this.deviceOf(user.id, client, transaction);
    const { sessionId: id, nonce, hash: tokenHash } = refresh;
    const { others, newDevice } = await this.repository.insert(
      {
        id,
        userId: user.id,
        device,
        nonce,
        tokenHash,
        ip: client.ip,
        userAgent: client.userAgent,
        ...labels,
      },
      { idle: refreshTokenTtl, absolute: sessionMaxAge },
      transaction,
    );
    if (others >= maxSessions)
      await this.sessions.endOldest(transaction, { id, userId: user.id }, maxSessions, client);
    if (newDevice) {
      const notice = { kind: 'session.new_device', userId: user.id, sessionId: id, client } as const;
      await this.notices.raise(transaction, { ...notice, details: { user_agent: client.userAgent } });
    }
    const { email, username, roles } = user;
    const maxAge = Math.min(refreshTokenTtl, sessionMaxAge);
    const session = { id, generation: 0, device, maxAge, user: { id: user.id, email, username, roles } };
    return { session, refresh };
  }

  /**
   * A device keeps its id only where it has been before: somebody could have planted one of his own in a browser, and
   * would count as a device of whoever signs in there.
   */
  private async deviceOf(userId: string, { device }: Client, transaction: Transaction): Promise<string> {
    const known = device !== undefined && (await this.repository.knowsDevice(userId, device, transaction));
    return known ? device : randomUUID();
  }

  /** What a session's client called its device. */
  labels(sessionId: string): Promise<DeviceLabels> {
    return this.repository.labels(sessionId);
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
    if (again) return { session: stored, refresh: again };
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
      await this.notices.raise(transaction, {
        kind: 'session.client_changed',
        userId: rotated.user.id,
        sessionId: rotated.id,
        client,
        details: {
          ...(before.ip === client.ip ? {} : { previous_ip: before.ip }),
          ...(before.userAgent === client.userAgent
            ? {}
            : { previous_user_agent: before.userAgent, user_agent: client.userAgent }),
        },
      });
      return rotated;
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

const refused = (): AppError =>
  new AppError('invalid_refresh_token', 'The session has ended. Sign in again.');
