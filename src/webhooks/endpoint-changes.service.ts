import { Injectable } from '@nestjs/common';
import { AuditService } from '../audit/audit.service.js';
import type { Actor } from '../common/security/actor.types.js';
import { Transactions } from '../database/transactions.js';
import { lockWithCredential } from '../database/live-credential.js';
import type { Transaction } from '../database/transaction.types.js';
import { WebhooksRepository } from './webhooks.repository.js';
import type { EndpointChange, EndpointRow, NewEndpoint } from './webhooks.types.js';

/** Who changes an endpoint, and within which session. */
export type Owner = Actor & { sessionId: string };

/**
 * Changes of endpoints, each on record in its own transaction: an endpoint goes on when its owner is signed out.
 * They throw AppError `unauthenticated` when the session has ended meanwhile.
 */
@Injectable()
export class EndpointChanges {
  constructor(
    private readonly endpoints: WebhooksRepository,
    private readonly transactions: Transactions,
    private readonly audit: AuditService,
  ) {}

  /** Undefined when the owner has as many as allowed. */
  create(
    by: Owner,
    values: NewEndpoint,
    bounds: { limit: number; overlapSeconds: number },
  ): Promise<EndpointRow | undefined> {
    return this.recorded('webhook.created', by, (transaction) =>
      this.endpoints.insert(transaction, values, bounds),
    );
  }

  update(by: Owner, id: string, change: EndpointChange): Promise<EndpointRow | undefined> {
    const changed = Object.keys(change).filter((key) => change[key as keyof EndpointChange] !== undefined);
    return this.recorded(
      'webhook.changed',
      by,
      (transaction) => this.endpoints.update(transaction, by.id, id, change),
      { changed },
    );
  }

  rotate(by: Owner, id: string, secret: Buffer, overlapSeconds: number): Promise<EndpointRow | undefined> {
    return this.recorded('webhook.secret_rotated', by, (transaction) =>
      this.endpoints.rotate(transaction, by.id, id, secret, overlapSeconds),
    );
  }

  remove(by: Owner, id: string): Promise<EndpointRow | undefined> {
    return this.recorded('webhook.removed', by, (transaction) =>
      this.endpoints.remove(transaction, by.id, id),
    );
  }

  private recorded(
    action: string,
    by: Owner,
    change: (transaction: Transaction) => Promise<EndpointRow | undefined>,
    details: Record<string, unknown> = {},
  ): Promise<EndpointRow | undefined> {
    return this.transactions.run(async (transaction) => {
      await lockWithCredential(transaction, by.id, by.sessionId);
      const row = await change(transaction);
      if (!row) return undefined;
      await this.audit.record(transaction, {
        action,
        actorId: by.id,
        targetType: 'webhook',
        targetId: row.id,
        ip: by.ip,
        requestId: by.requestId,
        // The host only: paths of receivers often hold a secret of theirs.
        details: {
          ...details,
          host: new URL(row.url).host,
          events: row.events,
          collection: row.collection_id,
          enabled: row.enabled,
        },
      });
      return row;
    });
  }
}
