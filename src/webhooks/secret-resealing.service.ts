import { Injectable } from '@nestjs/common';
import { Resealing, type Sealed } from '../common/security/resealing.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { SECRETS_OF_WEBHOOKS } from './signature.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Keeps the secrets of webhooks readable when `DATA_ENCRYPTION_KEY` is rotated. */
@Injectable()
export class SecretResealing extends Resealing {
  protected readonly what = 'secrets of webhooks';

  constructor(
    private readonly endpoints: WebhooksRepository,
    encryption: DataEncryption,
  ) {
    super(encryption.boxFor(SECRETS_OF_WEBHOOKS));
  }

  protected page(after: string, count: number): Promise<Sealed[]> {
    return this.endpoints.sealed(after, count);
  }

  protected replace(before: Sealed, after: Buffer): Promise<boolean> {
    return this.endpoints.reseal(before, after);
  }
}
