import PostalMime, { type Address } from 'postal-mime';
import { ExtractError } from '../extract-error.js';
import type { ReadFormat } from '../extract.types.js';
import { MIME } from '../mime.js';
import { mailText, shownIn } from './mail.js';
import { MOST_FILES } from './zip.js';

const DEEPEST = 30;

function addresses(list: readonly (Address | undefined)[] | undefined): string {
  return (list ?? [])
    .flatMap((each) => (each === undefined ? [] : (each.group ?? [each])))
    .map(({ name, address }) => (name && address ? `${name} <${address}>` : name || address || ''))
    .filter((each) => each !== '')
    .join(', ');
}

/**
 * A mail's subject, people, date and body; what is attached, mails too, becomes documents of its own. Pictures that
 * belong to the body are left out.
 * @throws ExtractError `document_corrupt`, `document_too_large`.
 */
export async function extractEml(bytes: Uint8Array): Promise<ReadFormat> {
  const mail = await PostalMime.parse(bytes, {
    attachmentEncoding: 'arraybuffer',
    forceRfc822Attachments: true,
    maxNestingDepth: DEEPEST,
  }).catch((error: unknown) => {
    if (error instanceof RangeError) throw error;
    const isLimit = /nesting|depth|size|exceed/i.test(error instanceof Error ? error.message : '');
    throw new ExtractError(isLimit ? 'document_too_large' : 'document_corrupt');
  });
  if (mail.attachments.length > MOST_FILES) throw new ExtractError('document_too_large');
  const isShown = shownIn(mail.html ?? '');
  const files = mail.attachments
    .filter((each) => !(each.mimeType.startsWith('image/') && (each.related || isShown(each.contentId))))
    .map(({ filename, mimeType, content }) => ({
      name: filename ?? (mimeType === MIME.eml ? 'message.eml' : ''),
      mime: mimeType,
      bytes: typeof content === 'string' ? Buffer.from(content) : new Uint8Array(content),
    }));
  return mailText({
    subject: mail.subject ?? '',
    headers: [
      `From: ${addresses([mail.from])}`,
      `To: ${addresses(mail.to)}`,
      `Cc: ${addresses(mail.cc)}`,
      `Date: ${mail.date ?? ''}`,
    ],
    text: mail.text ?? '',
    html: mail.html ?? '',
    files,
    mime: MIME.eml,
  });
}
