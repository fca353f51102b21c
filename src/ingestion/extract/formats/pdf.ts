import { ExtractError } from '../extract-error.js';
import type { ExtractedText, ExtractHints, ExtractOptions, Progress } from '../extract.types.js';
import { MIME } from '../mime.js';
import { languageOf, titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { settleHyphens } from './pdf-hyphens.js';
import { layOutPages, type PdfBlock, type PdfLine } from './pdf-layout.js';
import { recognise, requireFewPictures } from './ocr.js';
import { PdfDocument } from './pdfium.js';

// What programs leave in the title field when nobody filled it in.
const JUNK_TITLE =
  /\.(?:docx?|tex|dvi|indd|pdf|pptx?|xlsx?|qxd|rtf|odt)$|^(?:microsoft (?:word|powerpoint)|untitled|powerpoint|slide 1|document\d*$|\W*$)/i;

/** Of the page where the text begins: its largest heading is the title, whatever stands above it. */
function largestHeading(blocks: PdfBlock[]): string | null {
  const headings = blocks.filter((block) => block.kind === 'heading' && block.page === blocks[0]?.page);
  // Only a clearly larger one further down is more of a title than the first.
  const largest = headings.reduce<PdfBlock | undefined>(
    (best, block) => (best && best.size * 1.3 >= block.size ? best : block),
    undefined,
  );
  return titleOf(largest?.text);
}

const NOTHING_RECOGNISED =
  'The file holds no text, and none was recognised in its pictures. Scan it again at 200 dots per inch or more.';
const MOST_PAGES = 10_000;
/** A page with less than this may have a stamp or a page number on top of a scan. */
const LITTLE_TEXT = 25;

const lengthOf = (lines: readonly PdfLine[]): number =>
  lines.reduce((sum, line) => sum + line.text.length, 0);

interface ReadPages {
  /** Undefined where a page cannot be read. */
  written: (PdfLine[] | undefined)[];
  /** Paragraphs of the pages that are only pictures. */
  recognised: PdfBlock[];
}

async function readPages(
  document: PdfDocument,
  languages: readonly string[],
  progress: Progress,
): Promise<ReadPages> {
  const total = document.pageCount;
  const written: (PdfLine[] | undefined)[] = [];
  const recognised: PdfBlock[] = [];
  let pictures = 0;
  for (let i = 0; i < total; i++) {
    const lines = document.lines(i);
    written.push(lines);
    const isPicture =
      languages.length > 0 && lines && lengthOf(lines) < LITTLE_TEXT && document.hasPicture(i);
    const picture = isPicture ? document.render(i) : undefined;
    if (!lines || !picture) {
      progress({ done: i + 1, total }, false);
      continue;
    }
    requireFewPictures(++pictures);
    const paragraphs = (await recognise(picture, languages)) ?? [];
    progress({ done: i + 1, total }, true);
    // What little is written is usually in the picture too.
    const isBetter = paragraphs.join('').length > lengthOf(lines);
    if (isBetter) {
      for (const text of paragraphs) recognised.push({ kind: 'paragraph', page: i + 1, size: 0, text });
      lines.length = 0;
    }
  }
  return { written, recognised };
}

/** Both lists are in the order of the pages. */
function inOrder(written: readonly PdfBlock[], recognised: readonly PdfBlock[]): PdfBlock[] {
  const merged: PdfBlock[] = [];
  let at = 0;
  for (const block of written) {
    while (at < recognised.length && recognised[at]!.page < block.page) merged.push(recognised[at++]!);
    merged.push(block);
  }
  return [...merged, ...recognised.slice(at)];
}

/**
 * Text of every page that can be read. Lines keep their ends, paragraphs are parted by blank lines. On pages that are
 * pictures it is recognised, if that is switched on.
 * @throws ExtractError `document_encrypted`, `document_corrupt` (also when no page can be read),
 * `document_too_large`, `document_no_text`.
 */
export async function extractPdf(
  bytes: Uint8Array,
  _hints: ExtractHints,
  { ocrLanguages }: ExtractOptions,
  progress: Progress,
): Promise<ExtractedText> {
  const document = await PdfDocument.open(bytes);
  try {
    const { pageCount } = document;
    if (pageCount > MOST_PAGES) throw new ExtractError('document_too_large');
    const { written, recognised } = await readPages(document, ocrLanguages, progress);
    if (written.every((lines) => lines === undefined)) throw new ExtractError('document_corrupt');
    const pages = settleHyphens(written.filter((lines) => lines !== undefined));
    const blocks = inOrder(layOutPages(pages), recognised);
    const out = new TextBuilder();
    for (const { kind, text, page, level } of blocks)
      out.add(kind, text, { page, ...(level === undefined ? {} : { level }) });
    if (out.blocks.length === 0)
      throw new ExtractError('document_no_text', ocrLanguages.length > 0 ? NOTHING_RECOGNISED : undefined);
    const declared = titleOf(document.metadata('Title'));
    return {
      text: out.toString(),
      blocks: out.blocks,
      title: declared && !JUNK_TITLE.test(declared) ? declared : largestHeading(blocks),
      mime: MIME.pdf,
      pages: pageCount,
      language: languageOf(document.language()),
    };
  } finally {
    document.close();
  }
}
