import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Transaction } from '../database/transaction.types.js';
import type { AuditEvent } from './audit.types.js';

@Injectable()
export class AuditRepository {
  constructor(private readonly source: DataSource) {}

  async append(event: AuditEvent, transaction: Transaction | undefined): Promise<void> {
    await (transaction ?? this.source.manager).query(
      `insert into audit_events (id, action, actor_id, target_type, target_id, ip, request_id, details)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [
        randomUUID(),
        event.action,
        event.actorId ?? null,
        event.targetType ?? null,
        event.targetId ?? null,
        event.ip ?? null,
        event.requestId ?? null,
        JSON.stringify(event.details ?? {}),
      ],
    );
  }
}
