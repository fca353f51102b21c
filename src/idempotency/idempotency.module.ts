import { Global, Module } from '@nestjs/common';
import { IdempotencyStore } from '../common/http/idempotency.port.js';
import { IdempotencyCleanup } from './idempotency-cleanup.service.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';

@Global()
@Module({
  providers: [
    IdempotencyRepository,
    IdempotencyCleanup,
    { provide: IdempotencyStore, useClass: IdempotencyService },
  ],
  exports: [IdempotencyStore],
})
export class IdempotencyModule {}
