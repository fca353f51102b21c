import { detectType } from './detect-type.js';
import { ExtractError } from './extract-error.js';
import type { ExtractedText, ExtractHints, FormatExtractor } from './extract.types.js';
import { MIME } from './mime.js';

/** Loaded on first use: a child that reads text files never loads PDFium. */
const FORMATS: Record<string, () => Promise<FormatExtractor>> = {
  [MIME.text]: async () => (await import('./formats/text.js')).extractText,
  [MIME.markdown]: async () => (await import('./formats/markdown.js')).extractMarkdown,
  [MIME.html]: async () => (await import('./formats/html.js')).extractHtml,
  [MIME.pdf]: async () => (await import('./formats/pdf.js')).extractPdf,
  [MIME.docx]: async () => (await import('./formats/docx.js')).extractDocx,
};

/**
 * Reads a file of whatever format it turns out to be, in this very process: only for a process that may die of it.
 * @throws ExtractError naming the reason; anything else is an unexpected failure.
 */
export async function extractBytes(bytes: Uint8Array, hints: ExtractHints): Promise<ExtractedText> {
  const mime = await detectType(bytes, hints);
  const load = Object.hasOwn(FORMATS, mime) ? FORMATS[mime] : undefined;
  if (!load) throw new ExtractError('document_type_unsupported');
  const extract = await load();
  const extracted = await extract(bytes, hints);
  if (extracted.blocks.length === 0 || !/[\p{L}\p{N}]/u.test(extracted.text))
    throw new ExtractError('document_no_text');
  return extracted;
}
