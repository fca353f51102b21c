import { Injectable } from '@nestjs/common';
import type { Transaction } from '../../database/transaction.types.js';
import { Mailer } from '../../mail/mailer.service.js';
import type { MailText } from '../../mail/mail.types.js';
import { UsersService } from '../../users/users.service.js';
import { LastingAccessRepository, whatLasts } from './lasting-access.repository.js';
import type { NoticeKind, SecurityNotice } from './security-notice.types.js';

const DAY = 86_400;
const ACT =
  'If this was not you, choose a new password, which signs out all devices, and look at your sessions, API keys and webhooks.';

/** Tells owners of accounts by mail. */
@Injectable()
export class NoticeMails {
  constructor(
    private readonly mailer: Mailer,
    private readonly users: UsersService,
    private readonly lasting: LastingAccessRepository,
  ) {}

  async send(transaction: Transaction, notice: SecurityNotice): Promise<void> {
    if (notice.onRecordOnly) return;
    const to = await this.users.emailOf(transaction, notice.userId);
    if (to === undefined) return;
    // Programs that sign in again and again must not fill a mailbox.
    if (!(await this.mailer.allows(transaction, `${notice.kind} ${to}`))) return;
    const { subject, paragraphs } = TEXTS[notice.kind](notice);
    // A new password ends sessions, and nothing else that somebody who had the account may have left behind.
    const more =
      notice.kind === 'password.changed'
        ? whatLasts(await this.lasting.count(transaction, notice.userId))
        : '';
    const mail = { to, subject, paragraphs: [...paragraphs, more].filter(Boolean) };
    await this.mailer.queue(transaction, mail, { usefulFor: DAY, userId: notice.userId });
  }
}

const where = ({ client }: SecurityNotice): string =>
  [
    client.ip === null ? '' : `Address: ${client.ip}.`,
    client.userAgent === null ? '' : `Program: ${client.userAgent.slice(0, 200)}.`,
  ]
    .filter(Boolean)
    .join(' ');

const TEXTS: Record<NoticeKind, (notice: SecurityNotice) => MailText> = {
  'session.reuse_detected': (notice) => ({
    subject: 'A session was ended because its token was used twice',
    paragraphs: [
      'A sign-in of yours was continued from two places, which happens when somebody has copied it. It was ended; sign in again on that device.',
      where(notice),
      'Your other devices are still signed in. Choose a new password if you do not know how this could happen.',
    ],
  }),
  'session.client_changed': (notice) => ({
    subject: 'A session goes on from somewhere else',
    paragraphs: [
      'A sign-in of yours goes on from another network, or with another program.',
      where(notice),
      ACT,
    ],
  }),
  'session.new_device': (notice) => ({
    subject: 'Somebody signed in from a new device',
    paragraphs: ['Your account was signed in to from a device that was not seen before.', where(notice), ACT],
  }),
  'password.changed': (notice) => ({
    subject: 'Your password was changed',
    paragraphs: [
      'The password of your account was changed, and all devices were signed out.',
      where(notice),
      ACT,
    ],
  }),
  'email.change_requested': (notice) => ({
    subject: 'Another address was asked for',
    paragraphs: [
      'Somebody who is signed in to your account asked to change its address. It changes when the new address is confirmed.',
      where(notice),
      `${ACT} That takes the request back.`,
    ],
  }),
  'mfa.enabled': (notice) => ({
    subject: 'A second factor was set up',
    paragraphs: [
      'Signing in to your account needs a code from an authenticator app from now on. All other devices were signed out.',
      where(notice),
      ACT,
    ],
  }),
  'mfa.removed': (notice) => ({
    subject: 'The second factor was removed',
    paragraphs: ['Signing in to your account needs only the password from now on.', where(notice), ACT],
  }),
  // Without the address: it is the administrator's.
  'mfa.reset': () => ({
    subject: 'Your second factor was taken away by an administrator',
    paragraphs: [
      'The second factor of your account was removed by an administrator of the server, because its device was reported lost. All devices were signed out, and the password is void: another mail brings a link to choose a new one.',
      'Set up a second factor again after signing in. If you did not ask for this, tell the administrators at once.',
    ],
  }),
  'mfa.recovery_codes_renewed': (notice) => ({
    subject: 'New recovery codes were made',
    paragraphs: ['The recovery codes that you had before are void.', where(notice), ACT],
  }),
  'mfa.recovery_code_used': (notice) => ({
    subject: 'A recovery code was used',
    paragraphs: ['Your account was signed in to with one of your recovery codes.', where(notice), ACT],
  }),
};
