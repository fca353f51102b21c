import { Injectable } from '@nestjs/common';
import { Resealing } from '../../common/security/resealing.js';
import { DataEncryption, FACTOR_SECRETS } from '../../config/data-encryption.service.js';
import { SecondFactorsRepository } from './second-factors.repository.js';

/** Keeps second factors readable when `DATA_ENCRYPTION_KEY` is rotated. */
@Injectable()
export class FactorResealing extends Resealing {
  constructor(store: SecondFactorsRepository, encryption: DataEncryption) {
    super(store, encryption.boxFor(FACTOR_SECRETS), 'second factors');
  }
}
