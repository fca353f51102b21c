import { Module } from '@nestjs/common';
import { AuditModule } from '../../audit/audit.module.js';
import { UsersModule } from '../../users/users.module.js';
import { AccountRequestsModule } from '../accounts/account-requests.module.js';
import { AuthModule } from '../auth.module.js';
import { PasswordsModule } from '../passwords/passwords.module.js';
import { FactorCheck } from './factor-check.service.js';
import { FactorResealing } from './factor-resealing.service.js';
import { MfaController } from './mfa.controller.js';
import { MfaEnrolment } from './mfa-enrolment.service.js';
import { MfaRemoval } from './mfa-removal.service.js';
import { MfaReset } from './mfa-reset.service.js';
import { MfaSignIn } from './mfa-sign-in.service.js';
import { Reauthentication } from './reauthentication.service.js';
import { SecondFactorsRepository } from './second-factors.repository.js';
import { SecondFactors } from './second-factors.service.js';
import { SignInStepsController } from './sign-in-steps.controller.js';

/** Codes beside the password: setting them up, signing in with them, and showing both again. */
@Module({
  imports: [AuthModule, AccountRequestsModule, PasswordsModule, UsersModule, AuditModule],
  controllers: [MfaController, SignInStepsController],
  providers: [
    SecondFactors,
    SecondFactorsRepository,
    FactorCheck,
    FactorResealing,
    MfaEnrolment,
    MfaRemoval,
    MfaReset,
    MfaSignIn,
    Reauthentication,
  ],
  exports: [MfaReset],
})
export class MfaModule {}
