import path from 'node:path';
import { fileTypeFromBuffer } from 'file-type';
import { byZeroBytes, controlsOf, isCleanUtf8 } from './encoding.js';
import { ExtractError } from './extract-error.js';
import type { ExtractHints } from './extract.types.js';
import { compoundType } from './formats/cfb.js';
import { packedType } from './formats/zip-guard.js';
import { MIME } from './mime.js';
import { textType } from './text-type.js';

const SAMPLE = 64 * 1024;
// What can be told from a name or declaration alone, for files whose content says nothing.
const BY_NAME: Record<string, string> = {
  '.pdf': MIME.pdf,
  '.docx': MIME.docx,
  '.pptx': MIME.pptx,
  '.xlsx': MIME.xlsx,
  '.xls': MIME.xls,
  '.doc': MIME.doc,
  '.ppt': 'application/vnd.ms-powerpoint',
  '.msg': MIME.msg,
  '.odt': MIME.odt,
  '.odp': MIME.odp,
  '.ods': MIME.ods,
  '.epub': MIME.epub,
  '.zip': MIME.zip,
  '.rtf': MIME.rtf,
  '.png': MIME.png,
  '.jpg': MIME.jpeg,
  '.jpeg': MIME.jpeg,
  '.tif': MIME.tiff,
  '.tiff': MIME.tiff,
  '.bmp': MIME.bmp,
  '.gif': MIME.gif,
  '.webp': MIME.webp,
};
const COMPOUND = 'application/x-cfb';

/**
 * Readers accept a PDF header anywhere in the first kilobyte; so may a text have one that tells of PDF, and an archive
 * that of its first file.
 */
async function isPdf(bytes: Uint8Array): Promise<boolean> {
  const at = Buffer.from(bytes.subarray(0, 1029)).indexOf('%PDF-');
  if (at < 0) return false;
  if (Buffer.from(bytes.subarray(0, at)).toString('latin1').trim().length <= 3) return true;
  return !looksLikeText(bytes) && (await fileTypeFromBuffer(bytes)) === undefined;
}

/** Characters of a sample that no text has. */
function oddOnes(sample: Uint8Array): { controls: number; zeros: number } {
  const utf16 = byZeroBytes(sample);
  if (utf16 === undefined)
    return {
      controls: controlsOf(sample),
      zeros: sample.reduce((sum, byte) => sum + (byte === 0 ? 1 : 0), 0),
    };
  const text = new TextDecoder(utf16).decode(sample);
  return { controls: controlsOf(Array.from(text, (char) => char.charCodeAt(0))), zeros: 0 };
}

const isMarkedUtf16 = (bytes: Uint8Array): boolean =>
  (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);

/** A stray control character in a log or an export is no reason to call it binary. */
function looksLikeText(bytes: Uint8Array): boolean {
  if (isMarkedUtf16(bytes)) return true;
  const sample = bytes.subarray(0, SAMPLE);
  const { length } = sample;
  const { controls, zeros } = oddOnes(sample);
  if (controls <= Math.max(length / 200, length < 100 ? 0 : 1) && zeros <= length / 500) return true;
  // Bytes that are no text are hardly ever valid UTF-8.
  return zeros + controls <= Math.max(length / 50, Math.min(3, length / 8)) && isCleanUtf8(sample, Infinity);
}

/** Short signatures of binary formats are letters too ("MZ", "BM"), so a file that begins as text is one. */
function beginsLikeText(bytes: Uint8Array): boolean {
  if (isMarkedUtf16(bytes)) return true;
  const { controls, zeros } = oddOnes(bytes.subarray(0, 512));
  return controls === 0 && zeros === 0;
}

/**
 * Media type by content; name and declared type only break ties.
 * @throws ExtractError `document_empty`; `document_encrypted` for an Office file behind a password;
 * `document_corrupt` where the content is of no known kind but the name is of one.
 */
export async function detectType(bytes: Uint8Array, hints: ExtractHints): Promise<string> {
  if (bytes.length === 0) throw new ExtractError('document_empty');
  const extension = path.extname(hints.fileName ?? '').toLowerCase();
  if (await isPdf(bytes)) return MIME.pdf;
  const isText = looksLikeText(bytes);
  if (isText && beginsLikeText(bytes)) return textType(bytes, extension, hints.mime);
  const found = await fileTypeFromBuffer(bytes);
  if (isText && found === undefined) return textType(bytes, extension, hints.mime);
  const named =
    BY_NAME[extension] ?? (Object.values<string>(MIME).includes(hints.mime ?? '') ? hints.mime : undefined);
  if (found?.mime === COMPOUND) {
    const kind = compoundType(bytes);
    if (kind === 'encrypted') throw new ExtractError('document_encrypted');
    if (kind === undefined && named) throw new ExtractError('document_corrupt');
    return kind ?? COMPOUND;
  }
  const packed = found?.mime === MIME.zip ? await packedType(bytes) : undefined;
  if (packed !== undefined) return packed;
  // A damaged office file still looks like an archive: it is not unpacked as one.
  const isLesser = found?.mime === MIME.zip && named !== undefined && named !== null && named !== MIME.zip;
  if (found === undefined || isLesser) {
    if (named !== undefined && named !== null) throw new ExtractError('document_corrupt');
    return found?.mime ?? 'application/octet-stream';
  }
  return found.mime;
}
