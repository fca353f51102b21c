import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { decodeExact, deriveKeys, mac, sameBytes } from './keys.js';

const MAC_BYTES = 32;

/** The CSRF value of a session: the same through all its rotations, and computable only by the server. */
@Injectable()
export class CsrfTokens {
  private readonly keys: [KeyObject, ...KeyObject[]];

  constructor(settings: Settings) {
    this.keys = deriveKeys(settings.csrfSecret, settings.csrfSecretPrevious, 'csrf');
  }

  of(sessionId: string): string {
    return mac(this.keys[0], sessionId).toString('base64url');
  }

  matches(sessionId: string, given: string | undefined): boolean {
    const bytes = given === undefined ? undefined : decodeExact(given, MAC_BYTES);
    return bytes !== undefined && this.keys.some((key) => sameBytes(mac(key, sessionId), bytes));
  }
}
