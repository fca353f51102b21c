import { detectType } from './detect-type.js';
import { ExtractError } from './extract-error.js';
import type { ExtractHints, ExtractOptions, FormatExtractor, Progress, ReadFormat } from './extract.types.js';
import { MIME } from './mime.js';

type Load = () => Promise<FormatExtractor>;

const docx: Load = async () => (await import('./formats/docx.js')).extractDocx;
const pptx: Load = async () => (await import('./formats/pptx.js')).extractPptx;
const xlsx: Load = async () => (await import('./formats/sheet.js')).extractXlsx;
const image: Load = async () => (await import('./formats/image.js')).extractImage;
const csv: Load = async () => (await import('./formats/csv.js')).extractCsv;
const json: Load = async () => (await import('./formats/json.js')).extractJson;

/** Loaded on first use: a child that reads text files never loads PDFium. */
const FORMATS: Record<string, Load> = {
  [MIME.text]: async () => (await import('./formats/text.js')).extractText,
  [MIME.markdown]: async () => (await import('./formats/markdown.js')).extractMarkdown,
  [MIME.html]: async () => (await import('./formats/html.js')).extractHtml,
  [MIME.code]: async () => (await import('./formats/code.js')).extractCode,
  [MIME.csv]: csv,
  [MIME.tsv]: csv,
  [MIME.json]: json,
  [MIME.jsonl]: json,
  [MIME.xml]: async () => (await import('./formats/xml.js')).extractXml,
  [MIME.vtt]: async () => (await import('./formats/subtitles.js')).extractVtt,
  [MIME.srt]: async () => (await import('./formats/subtitles.js')).extractSrt,
  [MIME.eml]: async () => (await import('./formats/eml.js')).extractEml,
  [MIME.msg]: async () => (await import('./formats/msg.js')).extractMsg,
  [MIME.pdf]: async () => (await import('./formats/pdf.js')).extractPdf,
  [MIME.docx]: docx,
  [MIME.pptx]: pptx,
  [MIME.xlsx]: xlsx,
  [MIME.xlsb]: async () => (await import('./formats/sheet.js')).extractXlsb,
  [MIME.xls]: async () => (await import('./formats/sheet.js')).extractXls,
  [MIME.doc]: async () => (await import('./formats/doc.js')).extractDoc,
  [MIME.odt]: async () => (await import('./formats/odf.js')).extractOdt,
  [MIME.odp]: async () => (await import('./formats/odf.js')).extractOdp,
  [MIME.ods]: async () => (await import('./formats/sheet.js')).extractOds,
  [MIME.rtf]: async () => (await import('./formats/rtf.js')).extractRtf,
  [MIME.epub]: async () => (await import('./formats/epub.js')).extractEpub,
  [MIME.zip]: async () => (await import('./formats/zip.js')).extractZip,
  [MIME.png]: image,
  [MIME.jpeg]: image,
  [MIME.tiff]: image,
  [MIME.bmp]: image,
  [MIME.gif]: image,
  [MIME.webp]: image,
};

/** Templates and files with macros are read like the plain ones; macros are never run. */
const VARIANTS: [RegExp, Load][] = [
  [/wordprocessingml\.template|ms-word\.(?:document|template)\.macroenabled/i, docx],
  [
    /presentationml\.(?:template|slideshow)|ms-powerpoint\.(?:presentation|template|slideshow)\.macroenabled/i,
    pptx,
  ],
  [/spreadsheetml\.template|ms-excel\.(?:sheet|template)\.macroenabled/i, xlsx],
];

/** What can be said about types that are known but not read. */
const ADVICE: Record<string, string> = {
  'application/vnd.ms-powerpoint':
    'Old PowerPoint files (.ppt) cannot be read. Save it as .pptx or PDF and upload that.',
  'image/heic': 'Pictures of this type cannot be read. Convert it to PNG or JPEG.',
  'image/avif': 'Pictures of this type cannot be read. Convert it to PNG or JPEG.',
  'application/x-7z-compressed': 'Of archives, only ZIP can be read. Pack the files as .zip.',
  'application/vnd.rar': 'Of archives, only ZIP can be read. Pack the files as .zip.',
  'application/x-rar-compressed': 'Of archives, only ZIP can be read. Pack the files as .zip.',
  'application/gzip': 'Of archives, only ZIP can be read. Pack the files as .zip.',
  'application/x-tar': 'Of archives, only ZIP can be read. Pack the files as .zip.',
};

function loaderOf(mime: string): Load {
  const load = Object.hasOwn(FORMATS, mime)
    ? FORMATS[mime]
    : VARIANTS.find(([pattern]) => pattern.test(mime))?.[1];
  if (load) return load;
  throw new ExtractError('document_type_unsupported', ADVICE[mime]);
}

/**
 * Reads a file of whatever format it turns out to be, in this very process: only for a process that may die of it.
 * @throws ExtractError naming the reason; anything else is an unexpected failure.
 */
export async function extractBytes(
  bytes: Uint8Array,
  hints: ExtractHints,
  options: ExtractOptions = { ocrLanguages: [] },
  progress: Progress = () => undefined,
): Promise<ReadFormat> {
  const mime = await detectType(bytes, hints);
  const extract = await loaderOf(mime)();
  const extracted = await extract(bytes, hints, options, progress);
  if (extracted.blocks.length === 0 || !/[\p{L}\p{N}]/u.test(extracted.text))
    throw new ExtractError('document_no_text');
  return extracted;
}
