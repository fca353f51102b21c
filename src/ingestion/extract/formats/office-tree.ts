import type { OfficeContentNode } from 'officeparser';
import { titleOf } from '../normalise.js';
import type { TableCell } from '../table-grid.js';
import { tableRows } from '../table-rows.js';
import { TextBuilder } from '../text-builder.js';

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

/** Whether all text of a node is bold; that of none is not. */
function isBold(node: OfficeContentNode): boolean {
  const texts = textsOf(node).filter(({ text }) => text?.trim());
  return texts.length > 0 && texts.every(({ formatting }) => formatting?.bold === true);
}

const textsOf = (node: OfficeContentNode): OfficeContentNode[] =>
  node.children?.length ? node.children.flatMap(textsOf) : [node];

const tableText = (table: OfficeContentNode): string =>
  (table.children ?? []).map((row) => (row.children ?? []).map(cellText).join(' | ')).join('; ');

function cellsOf(table: OfficeContentNode): TableCell[][] {
  return (table.children ?? []).map((row) =>
    (row.children ?? []).map((cell): TableCell => {
      const spans = cell.type === 'cell' ? cell.metadata : undefined;
      return {
        text: cellText(cell),
        isHeader: false,
        isBold: isBold(cell),
        colSpan: spans?.colSpan ?? 1,
        rowSpan: spans?.rowSpan ?? 1,
      };
    }),
  );
}

/** A note's paragraphs, a line each. */
const noteText = (note: OfficeContentNode): string =>
  (note.children ?? []).some((child) => child.type === 'paragraph')
    ? note.children!.map((child) => inlineText(child).trim()).join('\n')
    : inlineText(note);

/** Turns the tree that officeparser makes of a document into blocks. */
export class OfficeTreeReader {
  readonly out = new TextBuilder();
  title: string | null = null;
  /** Slides read so far. */
  slides = 0;
  private readonly notes: string[] = [];
  private page: number | undefined;

  /** @param hiddenSlides numbers of slides that are not shown */
  constructor(private readonly hiddenSlides: ReadonlySet<number> = new Set()) {}

  read(nodes: readonly OfficeContentNode[]): void {
    for (const node of nodes) {
      this.node(node);
      // Speaker notes belong to their slide; footnotes follow the text.
      if (node.type !== 'slide') this.collectNotes(node);
    }
    for (const note of this.notes) this.out.add('paragraph', note);
  }

  private add(kind: 'paragraph' | 'list_item' | 'code' | 'table_row', text: string): void {
    this.out.add(kind, text, this.page === undefined ? {} : { page: this.page });
  }

  private heading(text: string, level: number): void {
    this.out.add('heading', text.replaceAll('\n', ' '), {
      level: Math.min(6, Math.max(1, level)),
      ...(this.page === undefined ? {} : { page: this.page }),
    });
  }

  private node(node: OfficeContentNode): void {
    switch (node.type) {
      case 'slide':
        this.slide(node);
        break;
      case 'heading': {
        const text = inlineText(node).trim();
        if (node.metadata?.style === 'Title' && text !== '') this.title ??= titleOf(text);
        this.heading(text, (node.metadata?.level ?? 1) + (this.page === undefined ? 0 : 1));
        break;
      }
      case 'list':
        this.add(
          'list_item',
          `${node.metadata?.listType === 'ordered' ? `${node.metadata.itemIndex + 1}.` : '-'} ${inlineText(node)}`,
        );
        break;
      case 'code':
        this.add('code', inlineText(node));
        break;
      case 'table':
        // Office files do not say which rows name the columns.
        for (const row of tableRows(cellsOf(node), { likelyHeader: true })) this.add('table_row', row);
        break;
      case 'paragraph':
      case 'text':
        this.add('paragraph', inlineText(node));
        break;
      case 'chart':
        this.add('paragraph', (node.text ?? '').split('\n').join(', '));
        break;
      case 'image':
      case 'comment':
        break;
      default:
        for (const child of node.children ?? []) this.node(child);
    }
  }

  private slide(slide: Extract<OfficeContentNode, { type: 'slide' }> | OfficeContentNode): void {
    const number = slide.type === 'slide' ? (slide.metadata?.slideNumber ?? 0) : 0;
    this.page = number || this.slides + 1;
    this.slides = Math.max(this.slides + 1, this.page);
    const children = [...(slide.children ?? [])];
    // The title names the slide; it is not always the first shape.
    const at = children.findIndex((child) => child.type === 'heading' && inlineText(child).trim() !== '');
    const [title] = at < 0 ? [] : children.splice(at, 1);
    const name = title ? inlineText(title).replace(/\s+/g, ' ').trim() : '';
    this.heading(
      `${name === '' ? `Slide ${this.page}` : name}${this.hiddenSlides.has(this.page) ? ' (hidden slide)' : ''}`,
      1,
    );
    for (const child of children) if (child.type !== 'note') this.node(child);
    for (const note of [...(slide.notes ?? []), ...children.filter((child) => child.type === 'note')])
      this.add('paragraph', `Notes: ${noteText(note).trim()}`.replace(/^Notes: $/, ''));
    this.page = undefined;
  }

  private collectNotes(node: OfficeContentNode): void {
    for (const note of node.notes ?? []) this.notes.push(noteText(note));
    for (const child of node.children ?? []) this.collectNotes(child);
  }
}
