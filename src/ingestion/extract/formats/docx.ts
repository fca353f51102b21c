import { OfficeParser, type OfficeContentNode, type OfficeError } from 'officeparser';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { titleOf } from '../normalise.js';
import { tableRows, type TableCell } from '../table-rows.js';
import { TextBuilder } from '../text-builder.js';
import { checkZip, MAX_UNPACKED_BYTES } from './zip-guard.js';

const MAX_XML_ELEMENTS = 2_000_000;
const LONGEST_COLUMN_NAME = 60;

/** Inline text of a node; line breaks kept, pictures and references left out. */
function inlineText(node: OfficeContentNode): string {
  if (node.type === 'break') return '\n';
  if (node.type === 'image' || node.type === 'chart' || node.type === 'comment') return '';
  return node.children?.length ? node.children.map(inlineText).join('') : (node.text ?? '');
}

function cellText(cell: OfficeContentNode): string {
  const parts = (cell.children ?? []).map((child) =>
    child.type === 'table' ? tableText(child) : inlineText(child),
  );
  return parts.join(' ').replace(/\s+/g, ' ').trim();
}

const tableText = (table: OfficeContentNode): string =>
  (table.children ?? []).map((row) => (row.children ?? []).map(cellText).join(' | ')).join('; ');

/** Word does not say which row names the columns: the first one does when it looks like names. */
function isHeaderRow(row: TableCell[]): boolean {
  const texts = row.map((cell) => cell.text);
  const distinct = new Set(texts).size === texts.length;
  return (
    row.length > 1 &&
    distinct &&
    texts.every((text) => text !== '' && text.length <= LONGEST_COLUMN_NAME && /\p{L}/u.test(text))
  );
}

class DocxReader {
  readonly out = new TextBuilder();
  title: string | null = null;
  private readonly notes: string[] = [];

  read(nodes: readonly OfficeContentNode[]): void {
    for (const node of nodes) {
      this.node(node);
      this.collectNotes(node);
    }
    for (const note of this.notes) this.out.add('paragraph', note);
  }

  private node(node: OfficeContentNode): void {
    switch (node.type) {
      case 'heading': {
        const text = inlineText(node).trim();
        if (node.metadata?.style === 'Title' && text !== '') this.title ??= titleOf(text);
        this.out.add('heading', text.replaceAll('\n', ' '), {
          level: Math.min(6, Math.max(1, node.metadata?.level ?? 1)),
        });
        break;
      }
      case 'list':
        this.out.add(
          'list_item',
          `${node.metadata?.listType === 'ordered' ? `${node.metadata.itemIndex + 1}.` : '-'} ${inlineText(node)}`,
        );
        break;
      case 'code':
        this.out.add('code', inlineText(node));
        break;
      case 'table':
        this.table(node);
        break;
      case 'paragraph':
      case 'text':
        this.out.add('paragraph', inlineText(node));
        break;
      case 'image':
      case 'chart':
      case 'comment':
        break;
      default:
        for (const child of node.children ?? []) this.node(child);
    }
  }

  private table(table: OfficeContentNode): void {
    const rows = (table.children ?? []).map((row) =>
      (row.children ?? []).map((cell): TableCell => {
        const spans = cell.type === 'cell' ? cell.metadata : undefined;
        return {
          text: cellText(cell),
          isHeader: false,
          colSpan: spans?.colSpan ?? 1,
          rowSpan: spans?.rowSpan ?? 1,
        };
      }),
    );
    const first = rows[0];
    if (first && rows.length > 1 && isHeaderRow(first)) for (const cell of first) cell.isHeader = true;
    for (const row of tableRows(rows)) this.out.add('table_row', row);
  }

  /** Footnotes stand on the run that refers to them; they follow the text. */
  private collectNotes(node: OfficeContentNode): void {
    for (const note of node.notes ?? []) this.notes.push(inlineText(note));
    for (const child of node.children ?? []) this.collectNotes(child);
  }
}

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
 * Paragraphs, headings, lists, tables and footnotes of a Word document. Running heads and comments are left out.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`.
 */
export async function extractDocx(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const ast = await OfficeParser.parseOffice(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), {
    fileType: 'docx',
    ignoreHeadersAndFooters: true,
    ignoreComments: true,
    decompressionLimits: { maxUncompressedBytes: MAX_UNPACKED_BYTES, maxXmlElements: MAX_XML_ELEMENTS },
    onWarning: () => undefined,
  }).catch((error: unknown) => {
    if (error instanceof RangeError) throw error;
    const type = (error as Partial<OfficeError>).officeIssue?.code ?? '';
    throw new ExtractError(CODES[type] ?? 'document_corrupt');
  });
  const reader = new DocxReader();
  reader.read(ast.content);
  const text = reader.out.toString();
  const { blocks } = reader.out;
  const heading = blocks.find((block) => block.kind === 'heading');
  const title =
    titleOf(ast.metadata.title) ??
    reader.title ??
    (heading ? titleOf(text.slice(heading.start, heading.end)) : null);
  return { text, blocks, title, mime: MIME.docx, pages: null };
}
