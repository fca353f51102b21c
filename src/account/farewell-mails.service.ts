import { Injectable } from '@nestjs/common';
import type { Transaction } from '../database/transaction.types.js';
import { Mailer } from '../mail/mailer.service.js';

const DAY = 86_400;

@Injectable()
export class FarewellMails {
  constructor(private readonly mailer: Mailer) {}

  /** Belongs to no account: it is to arrive when there is none any more. */
  erased(transaction: Transaction, to: string): Promise<void> {
    const paragraphs = [
      'Your account and all its documents were deleted. This is the last mail to this address.',
      'If this was not you, tell the administrators of the server.',
    ];
    return this.mailer.queue(
      transaction,
      { to, subject: 'Your account was deleted', paragraphs },
      { usefulFor: DAY },
    );
  }
}
