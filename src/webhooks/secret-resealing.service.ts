import { Injectable } from '@nestjs/common';
import { Resealing } from '../common/security/resealing.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { SECRETS_OF_WEBHOOKS } from './signature.js';
import { WebhooksRepository } from './webhooks.repository.js';

/** Keeps the secrets of webhooks readable when `DATA_ENCRYPTION_KEY` is rotated. */
@Injectable()
export class SecretResealing extends Resealing {
  constructor(store: WebhooksRepository, encryption: DataEncryption) {
    super(store, encryption.boxFor(SECRETS_OF_WEBHOOKS), 'secrets of webhooks');
  }
}
