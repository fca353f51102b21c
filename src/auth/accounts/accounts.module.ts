import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { MailModule } from '../../mail/mail.module.js';
import { UsersModule } from '../../users/users.module.js';
import { AuthModule } from '../auth.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { AccountClaimsRepository } from './account-claims.repository.js';
import { AccountClaims } from './account-claims.service.js';
import { AccountRequestHandler } from './account-request-handler.service.js';
import { AccountRequestsModule } from './account-requests.module.js';
import { AccountRequestsWorker } from './account-requests-worker.service.js';
import { AddressChange } from './address-change.service.js';
import { AddressProofs } from './address-proof.service.js';
import { EmailController } from './email.controller.js';
import { EmailVerification } from './email-verification.service.js';
import { PasswordReset } from './password-reset.service.js';
import { PendingRegistrationsRepository } from './pending-registrations.repository.js';
import { RecoveryController } from './recovery.controller.js';
import { RegistrationConfirmation } from './registration-confirmation.service.js';

/** What is done by mail: confirming and changing addresses, new passwords. */
@Module({
  imports: [AuthModule, AccountRequestsModule, PasswordsModule, UsersModule, AuditModule, MailModule],
  controllers: [RecoveryController, EmailController],
  providers: [
    AccountRequestHandler,
    AccountRequestsWorker,
    PendingRegistrationsRepository,
    RegistrationConfirmation,
    EmailVerification,
    AddressProofs,
    AddressChange,
    PasswordReset,
    AccountClaims,
    AccountClaimsRepository,
  ],
})
export class AccountsModule {}
