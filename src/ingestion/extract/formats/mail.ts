import type { ExtractedText, InnerFile, ReadFormat } from '../extract.types.js';
import { normaliseText, titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { extractHtml } from './html.js';
import { innerName, UniqueNames } from './inner-name.js';
import { plainBlocks } from './text.js';

export interface Mail {
  subject: string;
  /** Lines such as `From: Ann <ann@example.com>`, in the order in which they are shown. */
  headers: string[];
  text: string;
  html: string;
  files: InnerFile[];
  mime: string;
}

const QUOTE_FROM = 20;

const bareId = (id: string): string => id.trim().replace(/^<|>$/g, '').toLowerCase();

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Tells the content ids of the pictures that a body shows. */
export function shownIn(html: string): (contentId: string | undefined) => boolean {
  const shown = new Set(
    Array.from(html.matchAll(/\bcid:([^"'\s<>)]+)/gi), ([, id]) => bareId(decoded(id ?? ''))),
  );
  return (contentId) => contentId !== undefined && shown.has(bareId(contentId));
}

function bodyOf(mail: Mail): Pick<ExtractedText, 'text' | 'blocks'> {
  const text = normaliseText(mail.text).trim();
  const plain = { text, blocks: plainBlocks(text) };
  if (mail.html.trim() === '') return plain;
  const html = extractHtml(Buffer.from(`<!doctype html><meta charset="utf-8">${mail.html}`));
  // Some programs send a line such as "use a reader for HTML" as the text.
  const isStub = text.length < QUOTE_FROM || text.length * 2 < html.text.length;
  return isStub || html.blocks.some((block) => block.kind === 'table_row') ? html : plain;
}

/** Subject, people, body, and the names of the files, which become documents of their own. */
export function mailText(mail: Mail): ReadFormat {
  const out = new TextBuilder();
  out.add('heading', mail.subject, { level: 1 });
  out.add('paragraph', mail.headers.filter((line) => /:\s*\S/.test(line)).join('\n'));
  const body = bodyOf(mail);
  for (const { kind, start, end, level } of body.blocks)
    out.add(kind, body.text.slice(start, end), level === undefined ? {} : { level: Math.min(6, level + 1) });
  const unique = new UniqueNames();
  const files = mail.files
    .filter((file) => file.bytes.length > 0)
    .map((file, i) => ({
      ...file,
      name: unique.take(innerName(file.name).split('/').at(-1) || `part-${i + 1}`),
    }));
  for (const file of files) out.add('list_item', `Attachment: ${file.name}`);
  return {
    text: out.toString(),
    blocks: out.blocks,
    title: titleOf(mail.subject),
    mime: mail.mime,
    pages: null,
    files,
  };
}
