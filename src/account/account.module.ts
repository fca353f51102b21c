import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { DocumentsModule } from '../documents/documents.module.js';
import { MailModule } from '../mail/mail.module.js';
import { UsersModule } from '../users/users.module.js';
import { AccountController } from './account.controller.js';
import { AccountErasureRepository } from './account-erasure.repository.js';
import { AccountErasure } from './account-erasure.service.js';
import { AccountExport } from './account-export.service.js';
import { FarewellMails } from './farewell-mails.service.js';
import { AccountProfile } from './account-profile.service.js';

/** What somebody does with the own account as a whole. */
@Module({
  imports: [AuthModule, UsersModule, CollectionsModule, DocumentsModule, AuditModule, MailModule],
  controllers: [AccountController],
  providers: [AccountProfile, AccountExport, AccountErasure, AccountErasureRepository, FarewellMails],
  exports: [AccountErasure],
})
export class AccountModule {}
