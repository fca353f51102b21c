import WordExtractor from 'word-extractor';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { streamOf } from './cfb.js';

const ENCRYPTED_FLAG = 0x0100;
const LIST_MARK = /^\s*(?:[-*•‣◦▪–]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S/;

/**
 * Paragraphs, rows of tables and notes of a Word 97 to 2003 document. That format keeps no headings that could be
 * told from the text.
 * @throws ExtractError `document_encrypted`, `document_corrupt`.
 */
export async function extractDoc(bytes: Uint8Array): Promise<ExtractedText> {
  const main = streamOf(bytes, 'WordDocument');
  if (main && main.length > 12 && (main.readUInt16LE(10) & ENCRYPTED_FLAG) !== 0)
    throw new ExtractError('document_encrypted');
  const document = await new WordExtractor()
    .extract(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    .catch((error: unknown) => {
      if (error instanceof RangeError && /alloc|memory/i.test(error.message)) throw error;
      throw new ExtractError('document_corrupt');
    });
  const out = new TextBuilder();
  const parts = [
    document.getBody(),
    document.getTextboxes({ includeHeadersAndFooters: false, includeBody: true }),
    document.getFootnotes(),
    document.getEndnotes(),
  ];
  for (const line of parts.flatMap((part) => part.split('\n'))) {
    // Cells of a row are parted by tabs.
    const cells = line.split('\t').map((cell) => cell.trim());
    const filled = cells.filter((cell) => cell !== '');
    if (filled.length > 1) out.add('table_row', filled.join(' | '));
    else out.add(LIST_MARK.test(line) ? 'list_item' : 'paragraph', line);
  }
  const text = out.toString();
  const first = out.blocks[0];
  const title = first && first.end - first.start <= 120 ? titleOf(text.slice(first.start, first.end)) : null;
  return { text, blocks: out.blocks, title, mime: MIME.doc, pages: null };
}
