import { html as htmlNames, parse } from 'parse5';
import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText, TextBlock } from '../extract.types.js';
import { MIME } from '../mime.js';
import { languageOf, titleOf } from '../normalise.js';
import type { TableCell } from '../table-grid.js';
import { tableRows } from '../table-rows.js';
import { TextBuilder } from '../text-builder.js';
import { find, mainContent, surroundings } from './html-page.js';
import {
  attribute,
  collapse,
  flatText,
  isDropped,
  isElement,
  survey,
  textOf,
  walk,
  type Element,
  type Node,
  type TableFacts,
} from './html-tree.js';

/** Larger pages take gigabytes as a tree. */
const MAX_HTML_BYTES = 20 * 1024 * 1024;
const MAX_HEADING_LENGTH = 300;

const BLOCKS = new Set(
  'address article blockquote body caption center dd details dialog div dl dt fieldset figcaption figure form header hgroup hr legend li main menu ol p pre section summary table tbody td tfoot th thead tr ul'.split(
    ' ',
  ),
);

/** What an open block element makes of the text inside it. */
interface Context {
  kind: TextBlock['kind'];
  level?: number;
  /** Put in front of the first block only, such as a list item's number. */
  marker: string;
  /** Of a list of definitions. */
  part?: 'term' | 'definition';
}

/** A term that its definition stands behind on the same line; a question has its answer below. */
const NAME = /^[^\n]{1,80}(?<![.!?。！？؟])$/u;

/** Turns the tree into blocks. Inline text gathers until a block element begins or ends. */
class HtmlReader {
  private readonly contexts: Context[] = [{ kind: 'paragraph', marker: '' }];
  private readonly counters: number[] = [];
  private inline: string[] = [];
  private preformatted = 0;
  /** Of a definition that is still to come. */
  private term = '';

  constructor(
    private readonly out: TextBuilder,
    private readonly tables: Map<Element, TableFacts>,
    private readonly around: ReadonlySet<Element>,
  ) {}

  read(root: Node): void {
    walk(root, {
      enter: (node) => (isElement(node) ? this.enter(node, node === root) : this.text(node)),
      leave: (element) => this.leave(element),
    });
    this.flush();
    this.endTerm();
  }

  private text(node: Node): boolean {
    const text = textOf(node);
    if (text !== undefined) this.inline.push(this.preformatted > 0 ? text : collapse(text));
    return text === undefined && 'childNodes' in node;
  }

  private enter(element: Element, isRoot: boolean): boolean {
    const tag = element.tagName;
    if (!isRoot && (isDropped(element) || this.around.has(element))) return false;
    if (tag === 'br') this.inline.push('\n');
    const heading = /^h([1-6])$/.exec(tag)?.[1];
    if (heading === undefined && !BLOCKS.has(tag)) return true;
    this.flush();
    if (tag === 'table' && this.isData(element)) {
      this.endTerm();
      this.table(element);
      return false;
    }
    if (tag === 'pre') this.preformatted++;
    if (tag === 'ol' || tag === 'ul')
      this.counters.push(tag === 'ol' ? Number(attribute(element, 'start') ?? 1) || 1 : Number.NaN);
    this.contexts.push(this.contextOf(element, heading));
    return true;
  }

  private leave(element: Element): void {
    const tag = element.tagName;
    if (!BLOCKS.has(tag) && !/^h[1-6]$/.test(tag)) return;
    this.flush();
    if (tag === 'dl') this.endTerm();
    this.contexts.pop();
    if (tag === 'pre') this.preformatted--;
    if (tag === 'ol' || tag === 'ul') this.counters.pop();
  }

  private contextOf(element: Element, heading: string | undefined): Context {
    if (heading !== undefined) return { kind: 'heading', level: Number(heading), marker: '' };
    switch (element.tagName) {
      case 'pre':
        return { kind: 'code', marker: '' };
      case 'dt':
        return { kind: 'list_item', marker: '', part: 'term' };
      case 'dd':
        return { kind: 'list_item', marker: '', part: 'definition' };
      case 'li':
        return { kind: 'list_item', marker: this.marker() };
      default: {
        // Handed on, so that a <div> inside an <li> or a heading does not lose what it is.
        const outer = this.contexts.at(-1)!;
        const context = { ...outer };
        outer.marker = '';
        return context;
      }
    }
  }

  private marker(): string {
    const number = this.counters.at(-1) ?? Number.NaN;
    if (Number.isNaN(number)) return '- ';
    this.counters[this.counters.length - 1] = number + 1;
    return `${number}. `;
  }

  private flush(): void {
    if (this.inline.length === 0) return;
    const joined = this.inline.join('');
    this.inline = [];
    if (joined.trim() === '') return;
    const context = this.contexts.at(-1)!;
    const text =
      context.kind === 'code'
        ? joined
        : joined
            .replace(/ {2,}/g, ' ')
            .replace(/ ?\n ?/g, '\n')
            .trim();
    if (context.part !== 'definition' || context.kind === 'code') this.endTerm();
    if (context.part === 'term' && context.kind === 'list_item' && NAME.test(text)) {
      this.term = text;
      return;
    }
    const marker = context.marker + (this.term && `${this.term.replace(/\s?[:：]$/u, '')}: `);
    [context.marker, this.term] = ['', ''];
    if (context.kind !== 'heading') {
      this.out.add(context.kind, marker + text);
      return;
    }
    if (text.length > MAX_HEADING_LENGTH) this.out.add('paragraph', text);
    else this.out.add('heading', text.replaceAll('\n', ' '), { level: context.level ?? 1 });
    // An unclosed <h1> takes in the whole page; only its first words are the heading.
    for (let i = this.contexts.length - 1; this.contexts[i]?.kind === 'heading'; i--)
      this.contexts[i]!.kind = 'paragraph';
  }

  private endTerm(): void {
    if (this.term) this.out.add('list_item', this.term);
    this.term = '';
  }

  /** A table with values, not one that only arranges the page. */
  private isData(table: Element): boolean {
    const facts = this.tables.get(table);
    if (!facts || facts.nested) return false;
    const role = attribute(table, 'role');
    return role !== 'presentation' && role !== 'none' && (facts.headerCells || !facts.headings);
  }

  private table(table: Element): void {
    const rows: TableCell[][] = [];
    let inHead = false;
    walk(table, {
      enter: (node) => {
        if (!isElement(node)) return false;
        if (node !== table && isDropped(node)) return false;
        if (node.tagName === 'caption') this.out.add('paragraph', flatText(node));
        if (node.tagName === 'thead') inHead = true;
        if (node.tagName === 'tr') rows.push([]);
        if (node.tagName !== 'td' && node.tagName !== 'th') return node.tagName !== 'caption';
        rows.at(-1)?.push({
          text: flatText(node),
          isHeader: inHead || node.tagName === 'th',
          colSpan: Number.parseInt(attribute(node, 'colspan') ?? '1', 10) || 1,
          rowSpan: Number.parseInt(attribute(node, 'rowspan') ?? '1', 10) || 1,
        });
        return false;
      },
      leave: (node) => void (node.tagName === 'thead' && (inHead = false)),
    });
    for (const row of tableRows(rows)) this.out.add('table_row', row);
  }
}

/**
 * The visible words of a page in reading order, without its navigation.
 * @throws ExtractError `document_too_large` above 20 MB.
 */
export function extractHtml(bytes: Uint8Array): ExtractedText {
  if (bytes.length > MAX_HTML_BYTES)
    throw new ExtractError(
      'document_too_large',
      'An HTML file may have at most 20 MB. Split it into smaller ones.',
    );
  const document = parse(decodeText(bytes, { html: true }), { scriptingEnabled: false });
  const html = find(document, (element) => element.tagName === 'html');
  const body = find(document, (element) => element.tagName === 'body') ?? html;
  const titleElement = find(
    document,
    (element) => element.tagName === 'title' && element.namespaceURI === htmlNames.NS.HTML,
  );
  const out = new TextBuilder();
  if (body) {
    const { size, tables } = survey(body);
    const main = mainContent(body, size);
    const isTitle = (element: Element): boolean => element.tagName === 'h1' && (size.get(element) ?? 0) > 0;
    const title = find(main, isTitle) ? undefined : find(body, isTitle);
    // Many pages keep their title above the element that holds the content.
    if (title) out.add('heading', flatText(title), { level: 1 });
    new HtmlReader(out, tables, surroundings(body, size)).read(main);
  }
  const text = out.toString();
  const heading = out.blocks.find((block) => block.kind === 'heading');
  const title =
    titleOf(titleElement && flatText(titleElement)) ??
    (heading ? titleOf(text.slice(heading.start, heading.end)) : null);
  return {
    text,
    blocks: out.blocks,
    title,
    mime: MIME.html,
    pages: null,
    language: html ? languageOf(attribute(html, 'lang') ?? attribute(html, 'xml:lang')) : undefined,
  };
}
