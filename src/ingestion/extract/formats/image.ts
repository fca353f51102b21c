import { ExtractError } from '../extract-error.js';
import type { ExtractHints, ExtractOptions, Progress, ReadFormat } from '../extract.types.js';
import { TextBuilder } from '../text-builder.js';
import { MIME } from '../mime.js';
import { recognise, requireFewPictures } from './ocr.js';
import { TiffFile } from './tiff.js';

const OFF = 'Pictures are not read here, because text recognition (OCR) is switched off.';
const NOTHING = 'No text was recognised in the picture. Upload a sharper one, of at least 150 dots per inch.';

const MARKS: [mime: string, mark: string, at: number][] = [
  ['image/png', '\x89PNG', 0],
  ['image/jpeg', '\xff\xd8', 0],
  ['image/gif', 'GIF8', 0],
  ['image/bmp', 'BM', 0],
  ['image/webp', 'WEBP', 8],
  ['image/tiff', 'II*\0', 0],
  ['image/tiff', 'MM\0*', 0],
];

/**
 * Text that is recognised in a picture.
 * @throws ExtractError `document_no_text` where there is none or recognition is off, `document_corrupt`.
 */
export async function extractImage(
  bytes: Uint8Array,
  _hints: ExtractHints,
  { ocrLanguages }: ExtractOptions,
  progress: Progress,
): Promise<ReadFormat> {
  const head = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  const mime = MARKS.find(([, mark, at]) => head.startsWith(mark, at))?.[0] ?? 'image/png';
  if (mime === MIME.tiff) return extractTiff(bytes, ocrLanguages, progress);
  const paragraphs = await recognise(bytes, ocrLanguages);
  if (paragraphs === undefined) throw new ExtractError('document_no_text', OFF);
  if (paragraphs.length === 0) throw new ExtractError('document_no_text', NOTHING);
  const out = new TextBuilder();
  for (const paragraph of paragraphs) out.add('paragraph', paragraph, { page: 1 });
  return { text: out.toString(), blocks: out.blocks, title: null, mime, pages: 1 };
}

/** Scanners and fax servers put many pages into one. */
async function extractTiff(
  bytes: Uint8Array,
  languages: readonly string[],
  progress: Progress,
): Promise<ReadFormat> {
  const file = new TiffFile(Buffer.from(bytes));
  const total = file.pageCount;
  requireFewPictures(total);
  const out = new TextBuilder();
  let decoded = 0;
  for (let i = 0; i < total; i++) {
    const picture = file.render(i);
    if (picture) {
      decoded++;
      const paragraphs = await recognise(picture, languages);
      if (paragraphs === undefined) throw new ExtractError('document_no_text', OFF);
      for (const paragraph of paragraphs) out.add('paragraph', paragraph, { page: i + 1 });
    }
    progress({ done: i + 1, total }, picture !== undefined);
  }
  if (decoded === 0) throw new ExtractError('document_corrupt');
  if (out.blocks.length === 0) throw new ExtractError('document_no_text', NOTHING);
  return { text: out.toString(), blocks: out.blocks, title: null, mime: MIME.tiff, pages: total };
}
