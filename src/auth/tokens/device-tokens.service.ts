import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Settings } from '../../config/settings.js';
import { bytesToUuid, decodeExact, deriveKeys, mac, sameBytes, uuidToBytes } from './keys.js';

const UUID_BYTES = 16;
const MAC_BYTES = 32;

/** The signed mark of a device: it, not the label a client chooses, tells one device from another. */
@Injectable()
export class DeviceTokens {
  private readonly keys: [KeyObject, ...KeyObject[]];

  constructor(settings: Settings) {
    this.keys = deriveKeys(settings.refreshSecret, settings.refreshSecretPrevious, 'device');
  }

  sign(device: string): string {
    const bytes = uuidToBytes(device);
    return Buffer.concat([bytes, mac(this.keys[0], bytes)]).toString('base64url');
  }

  /** The device's id, or undefined for whatever this server did not sign. */
  read(token: string): string | undefined {
    const bytes = decodeExact(token, UUID_BYTES + MAC_BYTES);
    if (!bytes) return undefined;
    const device = bytes.subarray(0, UUID_BYTES);
    const signed = this.keys.some((key) => sameBytes(mac(key, device), bytes.subarray(UUID_BYTES)));
    return signed ? bytesToUuid(device) : undefined;
  }
}
