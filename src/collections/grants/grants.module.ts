import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { CollectionsModule } from '../collections.module.js';
import { GrantsController } from './grants.controller.js';
import { GrantsRepository } from './grants.repository.js';
import { GrantsService } from './grants.service.js';

/** Needs `Invitees` from a global module, since accounts are made by a feature that itself knows collections. */
@Module({
  imports: [AuditModule, CollectionsModule],
  controllers: [GrantsController],
  providers: [GrantsService, GrantsRepository],
  exports: [GrantsService],
})
export class GrantsModule {}
