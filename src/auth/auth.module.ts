import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { AuditModule } from '../audit/audit.module.js';
import { MailModule } from '../mail/mail.module.js';
import { UsersModule } from '../users/users.module.js';
import { CollectionsModule } from '../collections/collections.module.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysRepository } from './api-keys/api-keys.repository.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { LiveKeys } from './api-keys/live-keys.service.js';
import { AccountRequestsModule } from './accounts/account-requests.module.js';
import { AccountMails } from './accounts/account-mails.service.js';
import { AccountTokensRepository } from './accounts/account-tokens.repository.js';
import { AccountTokens } from './accounts/account-tokens.service.js';
import { InvitationsController } from './accounts/invitations.controller.js';
import { InvitationAcceptance, Invitations } from './accounts/invitations.service.js';
import { AuthDataRepository } from './auth-data.repository.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { FirstAdmin } from './first-admin.service.js';
import { AdminAccessGuard } from './guards/admin-access.guard.js';
import { AdminFactor } from './guards/admin-factor.service.js';
import { JwtAuthGuard } from './guards/jwt-auth.guard.js';
import { JwtStrategy } from './guards/jwt.strategy.js';
import { RecentSignInGuard } from './guards/recent-sign-in.guard.js';
import { RolesGuard } from './guards/roles.guard.js';
import { ScopeGuard } from './guards/scope.guard.js';
import { AuthCookies } from './http/auth-cookies.js';
import { AttemptsRepository } from './passwords/attempts.repository.js';
import { PasswordAttempts } from './passwords/password-attempts.service.js';
import { PasswordChange } from './passwords/password-change.service.js';
import { PasswordCheck } from './passwords/password-check.service.js';
import { MfaTokens } from './mfa/mfa-tokens.service.js';
import { LastingAccessRepository } from './notices/lasting-access.repository.js';
import { NoticeMails } from './notices/notice-mails.service.js';
import { SecurityNotices } from './notices/security-notices.service.js';
import { PasswordController } from './passwords/password.controller.js';
import { PasswordsModule } from './passwords/passwords.module.js';
import { RegistrationService } from './registration.service.js';
import { LiveSessions } from './sessions/live-sessions.service.js';
import { SessionCleanup } from './sessions/session-cleanup.service.js';
import { SessionEntity } from './sessions/session.entity.js';
import { SessionAlerts } from './sessions/session-alerts.service.js';
import { SessionTokens } from './sessions/session-tokens.service.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsRepository } from './sessions/sessions.repository.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SignInService } from './sign-in.service.js';
import { AuthTokens } from './tokens/auth-tokens.service.js';
import { TokensModule } from './tokens/tokens.module.js';

/** Sign-in, sessions and the guards of the whole application: authentication first, then scopes of keys, then roles. */
@Module({
  imports: [
    TypeOrmModule.forFeature([SessionEntity]),
    TokensModule,
    PasswordsModule,
    UsersModule,
    AuditModule,
    CollectionsModule,
    MailModule,
    AccountRequestsModule,
  ],
  controllers: [
    AuthController,
    SessionsController,
    PasswordController,
    ApiKeysController,
    InvitationsController,
  ],
  providers: [
    AuthService,
    AccountTokens,
    AccountTokensRepository,
    AccountMails,
    Invitations,
    InvitationAcceptance,
    RegistrationService,
    SignInService,
    MfaTokens,
    AuthDataRepository,
    SecurityNotices,
    NoticeMails,
    LastingAccessRepository,
    AttemptsRepository,
    PasswordAttempts,
    PasswordCheck,
    PasswordChange,
    SessionAlerts,
    SessionTokens,
    SessionsService,
    SessionsRepository,
    LiveSessions,
    AuthTokens,
    AuthCookies,
    ApiKeysService,
    ApiKeysRepository,
    LiveKeys,
    JwtStrategy,
    AdminFactor,
    FirstAdmin,
    SessionCleanup,
    { provide: APP_GUARD, useClass: JwtAuthGuard },
    { provide: APP_GUARD, useClass: ScopeGuard },
    { provide: APP_GUARD, useClass: RolesGuard },
    { provide: APP_GUARD, useClass: RecentSignInGuard },
    { provide: APP_GUARD, useClass: AdminAccessGuard },
  ],
  exports: [
    AccountMails,
    AccountTokens,
    AdminFactor,
    ApiKeysService,
    AuthCookies,
    Invitations,
    PasswordCheck,
    SecurityNotices,
    SessionsRepository,
    SessionsService,
    SignInService,
    AuthTokens,
    PasswordAttempts,
    MfaTokens,
  ],
})
export class AuthModule {}
