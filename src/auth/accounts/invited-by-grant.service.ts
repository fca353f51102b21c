import { Injectable } from '@nestjs/common';
import type { Invitees } from '../../collections/grants/invitees.port.js';
import type { Actor } from '../../common/security/actor.types.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Invitations } from './invitations.service.js';

/** Whom a collection is shared with by address. */
@Injectable()
export class InvitedByGrant implements Invitees {
  constructor(private readonly invitations: Invitations) {}

  async accountFor(transaction: Transaction, email: string, by: Actor): Promise<string> {
    const client = { ip: by.ip, requestId: by.requestId };
    return (await this.invitations.invite(transaction, { email, invitedBy: by.id, client })).userId;
  }
}
