import { Injectable } from '@nestjs/common';
import { Resealing } from '../common/security/resealing.js';
import { DataEncryption } from '../config/data-encryption.service.js';
import { EncryptionKeyRepository, KEY_CHECK } from './encryption-key.repository.js';

/** The key that a start asks for follows when `DATA_ENCRYPTION_KEY` is rotated. */
@Injectable()
export class KeyResealing extends Resealing {
  constructor(store: EncryptionKeyRepository, encryption: DataEncryption) {
    super(store, encryption.boxFor(KEY_CHECK), 'check values');
  }
}
