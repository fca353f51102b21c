import type { Actor } from '../../common/security/actor.types.js';
import type { Transaction } from '../../database/transaction.types.js';

export interface Invitee {
  userId: string;
  /** What is shared with the address opens only while the account has proved that it reads it. */
  needsProof: boolean;
}

/** People who are named by their address. */
export abstract class Invitees {
  /**
   * The account with this normalised address, which may not have proved it yet. Where there is none it is made, without a
   * password, and its owner gets an invitation: whoever asks cannot tell the two apart.
   */
  abstract accountFor(transaction: Transaction, email: string, by: Actor): Promise<Invitee>;
}
