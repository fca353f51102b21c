import { Injectable } from '@nestjs/common';
import { SecretBox } from '../common/security/secret-box.js';
import { Settings } from './settings.js';

/** What the secrets of second factors are sealed for. */
export const FACTOR_SECRETS = 'second factor';

/** Boxes for secrets that have to be read back, under `DATA_ENCRYPTION_KEY` and its predecessor. */
@Injectable()
export class DataEncryption {
  constructor(private readonly settings: Settings) {}

  boxFor(purpose: string): SecretBox {
    const { dataEncryptionKey, dataEncryptionKeyPrevious: previous } = this.settings;
    return new SecretBox(
      previous === undefined ? [dataEncryptionKey] : [dataEncryptionKey, previous],
      purpose,
    );
  }
}
