import { Injectable } from '@nestjs/common';
import type { Invitee, Invitees } from '../../collections/grants/invitees.port.js';
import type { Actor } from '../../common/security/actor.types.js';
import { Settings } from '../../config/settings.js';
import type { Transaction } from '../../database/transaction.types.js';
import { Invitations } from './invitations.service.js';

/** Whom a collection is shared with by address. */
@Injectable()
export class InvitedByGrant implements Invitees {
  constructor(
    private readonly invitations: Invitations,
    private readonly settings: Settings,
  ) {}

  async accountFor(transaction: Transaction, email: string, by: Actor): Promise<Invitee> {
    const client = { ip: by.ip, requestId: by.requestId };
    const { userId } = await this.invitations.invite(transaction, { email, invitedBy: by.id, client });
    return { userId, needsProof: this.settings.sharesNeedProof };
  }
}
