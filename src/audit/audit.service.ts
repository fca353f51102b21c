import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';
import { AuditRepository } from './audit.repository.js';
import type { AuditEvent } from './audit.types.js';

@Injectable()
export class AuditService {
  constructor(private readonly repository: AuditRepository) {}

  /** Inside the transaction of the change it tells of: what cannot be recorded does not happen. */
  async record(transaction: Transaction | undefined, event: AuditEvent): Promise<void> {
    await this.repository.append(event, transaction);
  }
}
