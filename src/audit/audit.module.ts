import { Module } from '@nestjs/common';
import { AuditBuffer } from './audit-buffer.service.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { AuditTally } from './audit-tally.service.js';

@Module({ providers: [AuditService, AuditRepository, AuditBuffer, AuditTally], exports: [AuditService] })
export class AuditModule {}
