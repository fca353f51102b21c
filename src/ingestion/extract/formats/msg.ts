import MsgReaderModule, { type FieldsData } from '@kenjiuno/msgreader';
import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { InnerFile, ReadFormat } from '../extract.types.js';
import { MIME } from '../mime.js';
import { mailText, shownIn } from './mail.js';
import { MOST_FILES } from './zip.js';

// Under Node its default export is the whole of its build for `require`.
const MsgReader = MsgReaderModule.default;

const person = (name: string | undefined, address: string | undefined): string =>
  name && address && name !== address ? `${name} <${address}>` : name || address || '';

function recipients(mail: FieldsData, kind: 'to' | 'cc'): string {
  return (mail.recipients ?? [])
    .filter((each) => (each.recipType ?? 'to') === kind)
    .map((each) => person(each.name, each.smtpAddress ?? each.email))
    .join(', ');
}

const htmlOf = (mail: FieldsData): string =>
  mail.bodyHtml ?? (mail.html ? decodeText(mail.html, { html: true }) : '');

function filesOf(reader: InstanceType<typeof MsgReader>, mail: FieldsData): InnerFile[] {
  const attachments = mail.attachments ?? [];
  if (attachments.length > MOST_FILES) throw new ExtractError('document_too_large');
  const isShown = shownIn(htmlOf(mail));
  const files: InnerFile[] = [];
  for (const attachment of attachments) {
    const mime = attachment.attachMimeTag ?? null;
    if (attachment.attachmentHidden || (mime?.startsWith('image/') && isShown(attachment.pidContentId)))
      continue;
    const { fileName, content } = reader.getAttachment(attachment);
    const name = fileName || attachment.fileName || attachment.name || '';
    files.push({
      name: attachment.innerMsgContent && !/\.msg$/i.test(name) ? `${name || 'message'}.msg` : name,
      mime,
      bytes: content,
    });
  }
  return files;
}

/**
 * Outlook's form of a mail; the same as `extractEml`.
 * @throws ExtractError `document_corrupt`, `document_too_large`.
 */
export function extractMsg(bytes: Uint8Array): ReadFormat {
  // Left to itself it keeps the whole memory that a part of a buffer belongs to.
  const copy = Uint8Array.from(bytes);
  let mail: FieldsData;
  let files: InnerFile[];
  try {
    const reader = new MsgReader(copy.buffer);
    mail = reader.getFileData();
    if (mail.error) throw new ExtractError('document_corrupt');
    files = filesOf(reader, mail);
  } catch (error) {
    if (error instanceof ExtractError || error instanceof RangeError) throw error;
    throw new ExtractError('document_corrupt');
  }
  return mailText({
    subject: mail.subject ?? '',
    headers: [
      `From: ${person(mail.senderName, mail.senderSmtpAddress ?? mail.senderEmail)}`,
      `To: ${recipients(mail, 'to')}`,
      `Cc: ${recipients(mail, 'cc')}`,
      `Date: ${mail.messageDeliveryTime ?? mail.clientSubmitTime ?? ''}`,
    ],
    text: mail.body ?? '',
    html: htmlOf(mail),
    files,
    mime: MIME.msg,
  });
}
