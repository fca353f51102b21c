import { createHash, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { deriveKeys } from './keys.js';

export const ACCESS_TOKEN_ALGORITHM = 'HS256';
/** RFC 9068's type of access tokens: nothing else that is signed may pass for one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt';
/** Far more than ours need; longer ones are not even parsed. */
const MAX_TOKEN = 4096;

/** Our own keys by their ids: a `kid` picks one of these or nothing, never a place to fetch a key from. */
@Injectable()
export class AccessKeyRing {
  readonly signing: { kid: string; key: KeyObject };
  private readonly keys: ReadonlyMap<string, KeyObject>;

  constructor(settings: Settings) {
    const keys = deriveKeys(settings.jwtSecret, settings.jwtSecretPrevious, 'access token');
    this.signing = { kid: keyId(keys[0]), key: keys[0] };
    this.keys = new Map(keys.map((key) => [keyId(key), key]));
  }

  /** The key to verify this token with; undefined when its header is not one that we write. */
  keyFor(token: string): KeyObject | undefined {
    if (token.length > MAX_TOKEN) return undefined;
    try {
      const header: unknown = JSON.parse(
        Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString('utf8'),
      );
      if (typeof header !== 'object' || header === null) return undefined;
      const { alg, typ, kid } = header as Record<string, unknown>;
      if (alg !== ACCESS_TOKEN_ALGORITHM || typ !== ACCESS_TOKEN_TYPE || typeof kid !== 'string')
        return undefined;
      return this.keys.get(kid);
    } catch {
      return undefined;
    }
  }
}

const keyId = (key: KeyObject): string =>
  createHash('sha256').update('ai-backend kid').update(key.export()).digest('base64url').slice(0, 12);
