import path from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { ExtractError } from './extract-error.js';
import type { ExtractHints } from './extract.types.js';
import { MIME } from './mime.js';

const SAMPLE = 64 * 1024;
const MARKDOWN_NAMES = new Set(['.md', '.markdown', '.mdown', '.mkd', '.mdx']);
const HTML_NAMES = new Set(['.html', '.htm', '.xhtml', '.xht']);
// What can be told from a name or declaration alone, for files whose content says nothing.
const BY_NAME: Record<string, string> = { '.pdf': MIME.pdf, '.docx': MIME.docx };

const startsWith = (bytes: Uint8Array, signature: string, at = 0): boolean =>
  [...signature].every((char, i) => bytes[at + i] === char.charCodeAt(0));

/** Readers accept a PDF header anywhere in the first kilobyte. */
const isPdf = (bytes: Uint8Array): boolean => Buffer.from(bytes.subarray(0, 1029)).includes('%PDF-');

/** No text file holds controls such as these, in any encoding but UTF-16 and UTF-32, whose zeros stand in order. */
function looksLikeText(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, SAMPLE);
  if ((sample[0] === 0xff && sample[1] === 0xfe) || (sample[0] === 0xfe && sample[1] === 0xff)) return true;
  let controls = 0;
  const zeros = [0, 0];
  for (const [i, byte] of sample.entries()) {
    if (byte === 0) zeros[i & 1]! += 1;
    else if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) controls++;
  }
  const [even, odd] = zeros as [number, number];
  const isUtf16 =
    Math.min(even, odd) * 20 <= Math.max(even, odd) && Math.max(even, odd) > sample.length / 100;
  // A stray NUL in a log or an export is no reason to call it binary.
  return controls <= sample.length / 200 && (even + odd <= sample.length / 500 || isUtf16);
}

const HTML_START = /^<(?:!doctype\s+html|html|head|body)[\s>]/i;
const HTML_TAG =
  /^<(?:title|meta|link|script|style|base|div|p|h[1-6]|table|ul|ol|section|article|main|center|font|iframe)[\s>]/i;
const ANY_TAG = /<\/?[a-z][a-z0-9]*(?:\s[^<>]*)?>/i;

/** What follows leading white space, an XML declaration and comments. */
function skipPreamble(text: string): string {
  let rest = text.trimStart();
  for (;;) {
    const close = rest.startsWith('<!--') ? '-->' : rest.startsWith('<?') ? '?>' : undefined;
    const end = close === undefined ? -1 : rest.indexOf(close);
    if (close === undefined || end < 0) return rest;
    rest = rest.slice(end + close.length).trimStart();
  }
}

function textType(bytes: Uint8Array, extension: string, mime: string | null): string {
  const head = bytes.subarray(0, 8192);
  // Read byte by byte, UTF-16 shows its zeros; the tags are ASCII in every encoding.
  const raw = Buffer.from(head).toString('latin1').replaceAll('\0', '');
  const start = skipPreamble(raw.replace(/^(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, ''));
  if (HTML_START.test(start)) return MIME.html;
  // READMEs like to begin with a <p> or <div>: there the name decides.
  if (MARKDOWN_NAMES.has(extension) || /^text\/(?:x-)?markdown/i.test(mime ?? '')) return MIME.markdown;
  const saysHtml = HTML_NAMES.has(extension) || /^(?:text\/html|application\/xhtml\+xml)/i.test(mime ?? '');
  if (saysHtml ? ANY_TAG.test(start) : extension !== '.txt' && HTML_TAG.test(start)) return MIME.html;
  if (startsWith(bytes, '{\\rtf')) return 'application/rtf';
  if (startsWith(bytes, '%!PS')) return 'application/postscript';
  return MIME.text;
}

/**
 * Media type by content; name and declared type only break ties.
 * @throws ExtractError `document_empty`; `document_encrypted` for an Office file behind a password;
 * `document_corrupt` where the content is of no known kind but the name is of one.
 */
export async function detectType(bytes: Uint8Array, hints: ExtractHints): Promise<string> {
  if (bytes.length === 0) throw new ExtractError('document_empty');
  const extension = path.extname(hints.fileName ?? '').toLowerCase();
  if (isPdf(bytes)) return MIME.pdf;
  if (looksLikeText(bytes)) return textType(bytes, extension, hints.mime);
  const found = await fileTypeFromBuffer(bytes);
  if (
    found?.mime === 'application/x-cfb' &&
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('EncryptedPackage', 0, 'utf16le')
  )
    throw new ExtractError('document_encrypted');
  const named =
    BY_NAME[extension] ?? (Object.values<string>(MIME).includes(hints.mime ?? '') ? hints.mime : undefined);
  if (found === undefined || (found.mime === 'application/zip' && named === MIME.docx)) {
    if (named !== undefined && named !== null) throw new ExtractError('document_corrupt');
    return found?.mime ?? 'application/octet-stream';
  }
  return found.mime;
}
