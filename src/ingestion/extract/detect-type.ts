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

/** Readers accept a PDF header anywhere in the first kilobyte; so may a text have one that tells of PDF. */
function isPdf(bytes: Uint8Array): boolean {
  const at = Buffer.from(bytes.subarray(0, 1029)).indexOf('%PDF-');
  if (at < 0) return false;
  return Buffer.from(bytes.subarray(0, at)).toString('latin1').trim().length <= 3 || !looksLikeText(bytes);
}

/** Control characters of a sample that no text has, zero bytes apart: UTF-16 has them on one side only. */
function oddBytes(sample: Uint8Array): { controls: number; zeros: number } {
  let controls = 0;
  const zeros = [0, 0];
  for (const [i, byte] of sample.entries()) {
    if (byte === 0) zeros[i & 1]! += 1;
    else if (byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) controls++;
  }
  const [even, odd] = zeros as [number, number];
  const isUtf16 =
    Math.min(even, odd) * 20 <= Math.max(even, odd) && Math.max(even, odd) > sample.length / 100;
  return { controls, zeros: isUtf16 ? 0 : even + odd };
}

const isMarkedUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** A stray control character in a log or an export is no reason to call it binary. */
function looksLikeText(bytes: Uint8Array): boolean {
  if (isMarkedUtf16(bytes)) return true;
  const sample = bytes.subarray(0, SAMPLE);
  const { controls, zeros } = oddBytes(sample);
  return controls <= sample.length / 200 && zeros <= sample.length / 500;
}

/** Short signatures of binary formats are letters too ("MZ", "BM"), so a file that begins as text is one. */
function beginsLikeText(bytes: Uint8Array): boolean {
  if (isMarkedUtf16(bytes)) return true;
  const { controls, zeros } = oddBytes(bytes.subarray(0, 512));
  return controls === 0 && zeros === 0;
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
  const isText = looksLikeText(bytes);
  if (isText && beginsLikeText(bytes)) return textType(bytes, extension, hints.mime);
  const found = await fileTypeFromBuffer(bytes);
  if (isText && found === undefined) return textType(bytes, extension, hints.mime);
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
