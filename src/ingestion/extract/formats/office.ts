import { OfficeParser, type OfficeError, type OfficeParserAST, type SupportedFileType } from 'officeparser';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { titleOf } from '../normalise.js';
import type { OfficeTreeReader } from './office-tree.js';
import { MAX_UNPACKED_BYTES } from './zip-guard.js';

const MAX_XML_ELEMENTS = 2_000_000;

const CODES: Record<string, ExtractError['code']> = {
  PASSWORD_REQUIRED: 'document_encrypted',
  PASSWORD_INCORRECT: 'document_encrypted',
  DOCUMENT_DECRYPTION_FAILED: 'document_encrypted',
  ZIP_ENTRY_COUNT_LIMIT_EXCEEDED: 'document_too_large',
  ZIP_SIZE_LIMIT_EXCEEDED: 'document_too_large',
  XML_ELEMENT_LIMIT_EXCEEDED: 'document_too_large',
  MAX_NESTING_DEPTH_EXCEEDED: 'document_too_large',
};

/**
 * The tree of a document, without running heads and comments.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`.
 */
export async function parseOffice(bytes: Uint8Array, fileType: SupportedFileType): Promise<OfficeParserAST> {
  return OfficeParser.parseOffice(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    fileType,
    ignoreHeadersAndFooters: true,
    ignoreComments: true,
    ignoreSlideMasters: true,
    // The data of charts comes as an attachment, and their text only with it.
    extractAttachments: fileType === 'pptx' || fileType === 'odp',
    decompressionLimits: { maxUncompressedBytes: MAX_UNPACKED_BYTES, maxXmlElements: MAX_XML_ELEMENTS },
    onWarning: () => undefined,
  }).catch((error: unknown) => {
    if (error instanceof RangeError) throw error;
    const type = (error as Partial<OfficeError>).officeIssue?.code ?? '';
    throw new ExtractError(CODES[type] ?? 'document_corrupt');
  });
}

/** Text and blocks of a tree that was read; `pages` is the number of slides where there are any. */
export function officeText(ast: OfficeParserAST, reader: OfficeTreeReader, mime: string): ExtractedText {
  const text = reader.out.toString();
  const { blocks } = reader.out;
  const heading = blocks.find((block) => block.kind === 'heading');
  const title =
    titleOf(ast.metadata.title) ??
    reader.title ??
    (heading ? titleOf(text.slice(heading.start, heading.end)) : null);
  return { text, blocks, title, mime, pages: reader.slides || null };
}
