import { Injectable } from '@nestjs/common';
import { DataEncryption } from '../../config/data-encryption.service.js';
import type { SecretBox } from '../../common/security/secret-box.js';
import type { ChangePosition } from './document-events.types.js';

const LONGEST = 200;

/** Where a reader of events stands. */
export interface EventPlace {
  position: ChangePosition;
  /** The mark of what it was told that it may read; empty where that does not matter. */
  readable: string;
}

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

  format({ position, readable }: EventPlace, userId: string): string {
    return this.box.seal(`${position.xid}-${position.sequence}-${readable}`, userId).toString('base64url');
  }

  /** Undefined for what is no place, or one of somebody else. */
  parse(text: string | undefined, userId: string): EventPlace | undefined {
    if (text === undefined || text.length > LONGEST) return undefined;
    const place = this.box.open(Buffer.from(text, 'base64url'), userId);
    // Those of earlier versions have no mark.
    const [, xid, sequence, readable = ''] = /^(\d+)-(\d+)(?:-([\da-f]*))?$/.exec(place ?? '') ?? [];
    return xid === undefined || sequence === undefined
      ? undefined
      : { position: { xid, sequence }, readable };
  }
}
