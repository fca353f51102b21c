import { Injectable } from '@nestjs/common';
import { networkOf } from '../../common/security/address.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { Client } from '../auth.types.js';
import { SecurityNotices } from '../notices/security-notices.service.js';
import type { OpenSession, SeenFrom } from './session.types.js';
import { SessionsRepository } from './sessions.repository.js';

const MOST_NETWORKS = 20;

/** What owners should hear of their sessions. */
@Injectable()
export class SessionAlerts {
  constructor(
    private readonly repository: SessionsRepository,
    private readonly notices: SecurityNotices,
  ) {}

  /** A sign-in from a device that was not seen at this account before. */
  newDevice(transaction: Transaction, sessionId: string, userId: string, client: Client): Promise<void> {
    return this.notices.raise(transaction, {
      kind: 'session.new_device',
      userId,
      sessionId,
      client,
      details: { user_agent: client.userAgent },
    });
  }

  /**
   * A session goes on from another address or with another browser. Each change is on record; the owner gets a mail when
   * it looks like a copy: another kind of browser, or a network that none of the account's sessions knows. Inside the
   * transaction that holds the session's row.
   */
  async moved(
    transaction: Transaction,
    session: OpenSession,
    before: SeenFrom,
    client: Client,
  ): Promise<void> {
    const elsewhere = await this.isElsewhere(transaction, session, before, client);
    await this.notices.raise(transaction, {
      kind: 'session.client_changed',
      userId: session.user.id,
      sessionId: session.id,
      client,
      onRecordOnly: !elsewhere && kindOf(before.userAgent) === kindOf(client.userAgent),
      details: {
        ...(before.ip === client.ip ? {} : { previous_ip: before.ip }),
        ...(before.userAgent === client.userAgent
          ? {}
          : { previous_user_agent: before.userAgent, user_agent: client.userAgent }),
      },
    });
  }

  private async isElsewhere(
    transaction: Transaction,
    { id, user }: OpenSession,
    before: SeenFrom,
    client: Client,
  ): Promise<boolean> {
    const [from, to] = [networkOf(before.ip), networkOf(client.ip)];
    if (from === to) return false;
    const live = await this.repository.networks(user.id, transaction);
    const own = live.find((row) => row.id === id)?.networks ?? [];
    if (from !== null) {
      const left = [...own.filter((network) => network !== from), from].slice(-MOST_NETWORKS);
      await this.repository.keepNetworks(id, left, transaction);
    }
    return !live.some(
      (row) => row.networks.some((network) => network === to) || (row.id !== id && networkOf(row.ip) === to),
    );
  }
}

/** Browsers renew themselves: their versions are no news. */
const kindOf = (userAgent: string | null): string => userAgent?.replaceAll(/[\d._]+/g, '') ?? '';
