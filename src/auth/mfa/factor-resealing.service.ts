import { Injectable } from '@nestjs/common';
import { Resealing, type Sealed } from '../../common/security/resealing.js';
import { DataEncryption } from '../../config/data-encryption.service.js';
import { FACTOR_SECRETS } from './second-factors.service.js';
import { SecondFactorsRepository } from './second-factors.repository.js';

/** Keeps second factors readable when `DATA_ENCRYPTION_KEY` is rotated. */
@Injectable()
export class FactorResealing extends Resealing {
  protected readonly what = 'second factors';

  constructor(
    private readonly repository: SecondFactorsRepository,
    encryption: DataEncryption,
  ) {
    super(encryption.boxFor(FACTOR_SECRETS));
  }

  protected page(after: string, count: number): Promise<Sealed[]> {
    return this.repository.sealed(after, count);
  }

  protected replace(before: Sealed, after: Buffer): Promise<boolean> {
    return this.repository.reseal(before, after);
  }
}
