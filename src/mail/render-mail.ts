import type { Mail, RenderedMail } from './mail.types.js';

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');

/** One line: nothing that somebody chose can start a header, a paragraph or a line that looks like ours. */
const oneLine = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]+/gu, ' ').trim();

/** The same words as plain text and as HTML without pictures, scripts or anything loaded from elsewhere. */
export function renderMail(id: string, mail: Mail): RenderedMail {
  const paragraphs = mail.paragraphs.map(oneLine);
  const text = [...paragraphs];
  const html = paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`);
  if (mail.link) {
    const { label, url, code } = mail.link;
    text.splice(1, 0, `${label}:\n${url}`, `If the link does not open, enter this code:\n${code}`);
    html.splice(
      1,
      0,
      `<p><a href="${escapeHtml(url)}">${escapeHtml(label)}</a></p>`,
      `<p>If the link does not open, enter this code: <code>${escapeHtml(code)}</code></p>`,
    );
  }
  return {
    id,
    date: new Date(mail.writtenAt ?? Date.now()),
    to: mail.to,
    subject: oneLine(mail.subject),
    text: `${text.join('\n\n')}\n`,
    html: `<!doctype html>\n<html lang="en">\n<body>\n${html.join('\n')}\n</body>\n</html>\n`,
  };
}
