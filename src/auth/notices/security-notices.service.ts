import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import type { Client } from '../auth.types.js';

/** What the owner of an account should hear of. */
export type NoticeKind =
  /** A refresh token was used by somebody who should not have it; its session was ended. */
  | 'session.reuse_detected'
  /** A session goes on from another address or with another browser. */
  | 'session.client_changed'
  /** A sign-in from a device that was not seen at this account before. */
  | 'session.new_device'
  | 'password.changed';

export interface SecurityNotice {
  kind: NoticeKind;
  userId: string;
  sessionId?: string;
  client: Pick<Client, 'ip' | 'userAgent' | 'requestId'>;
  /** Shown to administrators: no secrets. */
  details?: Record<string, unknown>;
}

/** Where everything that should alarm somebody passes through, inside the transaction of what it tells of. */
@Injectable()
export class SecurityNotices {
  constructor(private readonly audit: AuditService) {}

  async raise(transaction: Transaction, notice: SecurityNotice): Promise<void> {
    const { kind, userId, sessionId, client, details } = notice;
    const stolen = kind === 'session.reuse_detected';
    await this.audit.record(transaction, {
      action: kind,
      // Who holds a stolen token is not its owner.
      actorId: stolen ? null : userId,
      ...(sessionId === undefined
        ? { targetType: 'user', targetId: userId }
        : { targetType: 'session', targetId: sessionId }),
      ip: client.ip,
      requestId: client.requestId,
      ...(details ? { details } : {}),
    });
  }
}
