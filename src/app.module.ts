import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { AccountModule } from './account/account.module.js';
import { AdminModule } from './admin/admin.module.js';
import { AuditModule } from './audit/audit.module.js';
import { RefusalsFilter } from './audit/refusals.filter.js';
import { AccountsModule } from './auth/accounts/accounts.module.js';
import { AuthModule } from './auth/auth.module.js';
import { InviteesModule } from './auth/accounts/invitees.module.js';
import { MfaModule } from './auth/mfa/mfa.module.js';
import { CollectionsModule } from './collections/collections.module.js';
import { Outages } from './common/errors/outages.js';
import { MediaTypeGuard } from './common/http/media-type.guard.js';
import { GrantsModule } from './collections/grants/grants.module.js';
import { RateLimitModule } from './common/http/rate-limit.module.js';
import { validationPipe } from './common/http/validation.pipe.js';
import { ConfigModule } from './config/config.module.js';
import type { Settings } from './config/settings.js';
import type { OpenDatabase } from './database/data-source.js';
import { DatabaseModule } from './database/database.module.js';
import { DocumentsModule } from './documents/documents.module.js';
import { EvaluationModule } from './evaluation/evaluation.module.js';
import { HealthModule } from './health/health.module.js';
import { OutageWatch } from './health/outage-watch.service.js';
import { IdempotencyModule } from './idempotency/idempotency.module.js';
import { IngestionModule } from './ingestion/ingestion.module.js';
import { JobsModule } from './jobs/jobs.module.js';
import { LlmModule } from './llm/llm.module.js';
import { loggingModule } from './logging.js';
import { MailModule } from './mail/mail.module.js';
import { PrivacyModule } from './privacy/privacy.module.js';
import { RagModule } from './rag/rag.module.js';
import { WebhooksModule } from './webhooks/webhooks.module.js';

/** The composition root. Global guards run in the order of the modules here. */
@Module({})
export class AppModule {
  static with(settings: Settings, database: OpenDatabase): DynamicModule {
    const outages = new Outages();
    return {
      module: AppModule,
      imports: [
        ConfigModule.with(settings),
        loggingModule(settings, outages),
        DatabaseModule.with(database),
        JobsModule,
        AuditModule,
        MailModule,
        PrivacyModule,
        IdempotencyModule,
        // Paths are tried one after the other: what is asked most often comes first. It has no global guard.
        RagModule,
        AuthModule,
        AccountsModule,
        MfaModule,
        RateLimitModule.with(settings.rateLimits),
        InviteesModule,
        CollectionsModule,
        GrantsModule,
        DocumentsModule,
        IngestionModule,
        EvaluationModule,
        WebhooksModule,
        LlmModule,
        AccountModule,
        HealthModule,
        AdminModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: RefusalsFilter },
        { provide: APP_GUARD, useClass: MediaTypeGuard },
        { provide: Outages, useValue: outages },
        OutageWatch,
        { provide: APP_PIPE, useFactory: validationPipe },
      ],
    };
  }
}
