import { Injectable } from '@nestjs/common';
import { DataEncryption } from '../../config/data-encryption.service.js';
import type { SecretBox } from '../../common/security/secret-box.js';
import type { ChangePosition } from './document-events.types.js';

const LONGEST = 200;

/**
 * Places in the order of changes as clients get them. What they are made of counts what everybody on the server
 * does, so they are sealed, for the user who was told.
 */
@Injectable()
export class EventPlaces {
  private readonly box: SecretBox;

  constructor(encryption: DataEncryption) {
    this.box = encryption.boxFor('places in document events');
  }

  format({ xid, sequence }: ChangePosition, userId: string): string {
    return this.box.seal(`${xid}-${sequence}`, userId).toString('base64url');
  }

  /** Undefined for what is no place, or one of somebody else. */
  parse(text: string | undefined, userId: string): ChangePosition | undefined {
    if (text === undefined || text.length > LONGEST) return undefined;
    const place = this.box.open(Buffer.from(text, 'base64url'), userId);
    const found = /^(\d+)-(\d+)$/.exec(place ?? '');
    return found ? { xid: found[1]!, sequence: found[2]! } : undefined;
  }
}
