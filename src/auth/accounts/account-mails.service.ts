import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import { Mailer } from '../../mail/mailer.service.js';
import type { Mail } from '../../mail/mail.types.js';
import { TOKEN_LIFE, type TokenPurpose } from './account-token.types.js';

/** Where the pages of the front end stand, below `PUBLIC_URL`. */
const PAGES: Record<TokenPurpose, string> = {
  verify: 'verify-email',
  reset: 'reset-password',
  change_address: 'change-email',
  invitation: 'accept-invitation',
};
const IGNORE = 'If this was not you, ignore this mail: without the link nothing happens.';
const DAY = 86_400;

const lifeOf = (purpose: TokenPurpose): string => {
  const minutes = TOKEN_LIFE[purpose] / 60;
  return minutes >= 120 ? `${minutes / 60} hours` : `${minutes} minutes`;
};
const from = (ip: string | null): string => (ip === null ? '' : ` from the address ${ip}`);

/** The words of all mails about addresses and passwords. Names that strangers chose do not appear in them. */
@Injectable()
export class AccountMails {
  constructor(private readonly mailer: Mailer) {}

  invitation(transaction: Transaction, to: string, userId: string, token: string): Promise<void> {
    const paragraphs = [
      'You have been invited to this server, where documents are kept and asked questions.',
      `Choose a password to begin. The link works once, for ${lifeOf('invitation')}.`,
      'If you do not expect an invitation, ignore this mail.',
    ];
    const mail = { to, subject: 'You are invited', paragraphs };
    return this.withToken(transaction, mail, 'invitation', 'Choose a password', token, userId);
  }

  verification(
    transaction: Transaction,
    to: string,
    token: string,
    context: { ip: string | null; userId?: string },
  ): Promise<void> {
    const paragraphs = [
      `An account with this address was registered${from(context.ip)}. Confirm the address if that was you.`,
      `The link works once, for ${lifeOf('verify')}. Do not follow it for somebody else's account.`,
      IGNORE,
    ];
    const mail = { to, subject: 'Confirm your address', paragraphs };
    return this.withToken(transaction, mail, 'verify', 'Confirm the address', token, context.userId);
  }

  /** To the address of an account that never confirmed it, when something is shared with the address. */
  sharedUnconfirmed(transaction: Transaction, to: string, token: string, userId: string): Promise<void> {
    const paragraphs = [
      'A collection of documents was shared with this address. There is an account with it, but the address was never confirmed: confirm it, and the collection can be used.',
      'If you did not make that account, confirm the address all the same: it becomes yours, with a new password, and whoever made it is signed out.',
      `The link works once, for ${lifeOf('verify')}.`,
    ];
    const mail = { to, subject: 'Confirm your address: something was shared with you', paragraphs };
    return this.withToken(transaction, mail, 'verify', 'Confirm the address', token, userId);
  }

  /** To the owner of an account, when somebody registers its address. */
  alreadyRegistered(transaction: Transaction, to: string, ip: string | null, userId: string): Promise<void> {
    const paragraphs = [
      `Somebody wanted to register an account with this address${from(ip)}. There is one already; nothing changed.`,
      'If this was you, sign in, or ask for a new password if you do not remember yours.',
      'If this was not you, there is nothing to do.',
    ];
    const mail = { to, subject: 'You already have an account', paragraphs };
    return this.mailer.queue(transaction, mail, { usefulFor: DAY, userId });
  }

  reset(
    transaction: Transaction,
    to: string,
    userId: string,
    token: string,
    ip: string | null,
  ): Promise<void> {
    const paragraphs = [
      `A new password was asked for${from(ip)}.`,
      `The link works once, for ${lifeOf('reset')}. All devices are signed out when the new password is set.`,
      IGNORE,
    ];
    const mail = { to, subject: 'Choose a new password', paragraphs };
    return this.withToken(transaction, mail, 'reset', 'Choose a new password', token, userId);
  }

  changeAddress(transaction: Transaction, to: string, userId: string, token: string): Promise<void> {
    const paragraphs = [
      'An account wants to use this address from now on. Confirm it if the account is yours.',
      `The link works once, for ${lifeOf('change_address')}.`,
      IGNORE,
    ];
    const mail = { to, subject: 'Confirm your new address', paragraphs };
    return this.withToken(transaction, mail, 'change_address', 'Confirm the address', token, userId);
  }

  /** To the owner of an account, when another account wants to change to its address. */
  addressInUse(transaction: Transaction, to: string, userId: string): Promise<void> {
    const paragraphs = [
      'Another account wanted to change its address to this one, which belongs to your account. Nothing changed.',
      'If both accounts are yours, use another address, or delete one of the accounts first.',
    ];
    const mail = { to, subject: 'Your address was asked for', paragraphs };
    return this.mailer.queue(transaction, mail, { usefulFor: DAY, userId });
  }

  /** To the address that an account had until now. */
  addressChanged(transaction: Transaction, to: string, userId: string, ip: string | null): Promise<void> {
    const paragraphs = [
      `The address of your account was changed${from(ip)}. Mails go to the new one from now on.`,
      'If this was not you, tell the administrators of the server at once.',
    ];
    const mail = { to, subject: 'Your address was changed', paragraphs };
    return this.mailer.queue(transaction, mail, { usefulFor: DAY, userId });
  }

  private withToken(
    transaction: Transaction,
    mail: Mail,
    purpose: TokenPurpose,
    label: string,
    token: string,
    userId: string | undefined,
  ): Promise<void> {
    const link = { label, url: this.mailer.link(PAGES[purpose], token), code: token };
    const options = { usefulFor: TOKEN_LIFE[purpose], ...(userId === undefined ? {} : { userId }) };
    return this.mailer.queue(transaction, { ...mail, link }, options);
  }
}
