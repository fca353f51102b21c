import { createHash } from 'node:crypto';
import type { MailAddress } from '../../config/mail-settings.js';
import type { RenderedMail } from '../mail.types.js';

/** Addresses are given as parts: no mail library has to find them in a text that somebody else wrote. */
export const compose = (mail: RenderedMail, from: MailAddress) => ({
  from,
  to: { name: '', address: mail.to },
  envelope: { from: from.address, to: [mail.to] },
  subject: mail.subject,
  date: mail.date,
  text: mail.text,
  html: mail.html,
  // The same for every attempt: who receives it twice can tell.
  messageId: `<${createHash('sha256').update(mail.id).digest('hex').slice(0, 32)}@${hostOf(from.address)}>`,
  headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
  disableFileAccess: true,
  disableUrlAccess: true,
});

const hostOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1);
