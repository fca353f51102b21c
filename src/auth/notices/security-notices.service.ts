import { Injectable } from '@nestjs/common';
import { AuditService } from '../../audit/audit.service.js';
import type { Transaction } from '../../database/transaction.types.js';
import { NoticeMails } from './notice-mails.service.js';
import type { SecurityNotice } from './security-notice.types.js';

/** Where everything that should alarm somebody passes through, inside the transaction of what it tells of. */
@Injectable()
export class SecurityNotices {
  constructor(
    private readonly audit: AuditService,
    private readonly mails: NoticeMails,
  ) {}

  async raise(transaction: Transaction, notice: SecurityNotice): Promise<void> {
    const { kind, userId, actorId = userId, sessionId, client, details } = notice;
    const stolen = kind === 'session.reuse_detected';
    await this.audit.record(transaction, {
      action: kind,
      // Who holds a stolen token is not its owner.
      actorId: stolen ? null : actorId,
      ...(sessionId === undefined
        ? { targetType: 'user', targetId: userId }
        : { targetType: 'session', targetId: sessionId }),
      ip: client.ip,
      requestId: client.requestId,
      ...(details ? { details } : {}),
    });
    await this.mails.send(transaction, notice);
  }
}
