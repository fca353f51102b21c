import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Sealed, SealedStore } from '../common/security/resealing.js';
import { ConfigError } from '../config/config-error.js';
import { FACTOR_SECRETS, type DataEncryption } from '../config/data-encryption.service.js';

/** Of the box that the check value is in. */
export const KEY_CHECK = 'key check';
/** What it is bound to: there is one of it. */
const CONTEXT = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const TEXT = 'DATA_ENCRYPTION_KEY';
/** Second factors that are looked at; one that opens is enough. */
const FACTORS = 20;

/** A value that opens only with the key that the secrets of this database are encrypted with. */
@Injectable()
export class EncryptionKeyRepository implements SealedStore {
  constructor(private readonly source: DataSource) {}

  /** The first start decides which key it is. @throws ConfigError where it is another one */
  async require(encryption: DataEncryption): Promise<void> {
    const box = encryption.boxFor(KEY_CHECK);
    let [value] = await this.sealed('');
    if (!value) {
      if (!(await this.opensFactors(encryption))) throw anotherKey();
      const sealed = box.seal(TEXT, CONTEXT);
      await this.source.query(
        `update installation set key_check = $1 where key_check is null or octet_length(key_check) = 0`,
        [sealed],
      );
      [value] = await this.sealed('');
    }
    if (!value || box.open(value.sealed, CONTEXT) === undefined) throw anotherKey();
  }

  /** Has the next start decide which key it is, whatever is sealed with another one. */
  async forget(): Promise<void> {
    await this.source.query(`update installation set key_check = ''`);
  }

  /** Versions before this one left no check value, but secrets that the key has to open. */
  private async opensFactors(encryption: DataEncryption): Promise<boolean> {
    const rows = await this.source.query<{ user_id: string; secret: Buffer }[]>(
      `select user_id, secret from second_factors
       where exists (select from installation where key_check is null) order by user_id limit $1`,
      [FACTORS],
    );
    const box = encryption.boxFor(FACTOR_SECRETS);
    return rows.length === 0 || rows.some(({ user_id, secret }) => box.open(secret, user_id) !== undefined);
  }

  async sealed(after: string): Promise<Sealed[]> {
    if (after >= CONTEXT) return [];
    const rows = await this.source.query<{ key_check: Buffer }[]>(
      'select key_check from installation where octet_length(key_check) > 0',
    );
    return rows.map((row) => ({ id: CONTEXT, sealed: row.key_check }));
  }

  async reseal(before: Sealed, again: Buffer): Promise<boolean> {
    const [, count] = await this.source.query<[unknown[], number]>(
      'update installation set key_check = $2 where key_check = $1',
      [before.sealed, again],
    );
    return count > 0;
  }
}

const anotherKey = (): ConfigError =>
  new ConfigError(
    'DATA_ENCRYPTION_KEY (or DATA_DIR/secrets, where it was generated) is not what secrets in this database are ' +
      'encrypted with: set it to that key, or DATA_ENCRYPTION_KEY_PREVIOUS while you rotate it; only if it is lost, ' +
      'run "npm run key:accept" (in the image: node dist/cli/accept-key.js) to go on without those secrets',
  );
