import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { languageOf, titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { layOutPages, type PdfBlock, type PdfLine } from './pdf-layout.js';
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

/**
 * Text of every page that can be read. Lines keep their ends, paragraphs are parted by blank lines.
 * @throws ExtractError `document_encrypted`, `document_corrupt` (also when no page can be read), `document_no_text`.
 */
export async function extractPdf(bytes: Uint8Array): Promise<ExtractedText> {
  const document = await PdfDocument.open(bytes);
  try {
    const { pageCount } = document;
    const pages: PdfLine[][] = [];
    for (let i = 0; i < pageCount; i++) {
      const lines = document.lines(i);
      if (lines) pages.push(lines);
    }
    if (pages.length === 0) throw new ExtractError('document_corrupt');
    const blocks = layOutPages(pages);
    const out = new TextBuilder();
    for (const { kind, text, page, level } of blocks)
      out.add(kind, text, { page, ...(level === undefined ? {} : { level }) });
    if (out.blocks.length === 0) throw new ExtractError('document_no_text');
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
