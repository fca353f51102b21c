import { Global, Module } from '@nestjs/common';
import { IdempotencyStore } from '../common/http/idempotency.port.js';
import { IdempotencyRepository } from './idempotency.repository.js';
import { IdempotencyService } from './idempotency.service.js';

@Global()
@Module({
  providers: [IdempotencyRepository, { provide: IdempotencyStore, useClass: IdempotencyService }],
  exports: [IdempotencyStore],
})
export class IdempotencyModule {}
