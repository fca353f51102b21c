import { Injectable } from '@nestjs/common';
import { Upkeep } from '../common/upkeep.js';
import { IdempotencyRepository } from './idempotency.repository.js';

/** Forgets keys that have expired. */
@Injectable()
export class IdempotencyCleanup extends Upkeep {
  constructor(private readonly repository: IdempotencyRepository) {
    super();
  }

  protected async tidy(): Promise<void> {
    await this.repository.removeExpired();
  }
}
