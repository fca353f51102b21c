import { decodeText } from '../encoding.js';
import type { ExtractedText, TextBlock } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText, titleOf } from '../normalise.js';

interface Line {
  start: number;
  end: number;
  text: string;
}

const ATX = /^ {0,3}(#{1,6})(?:[ \t]+|$)/;
const SETEXT = /^ {0,3}(=+|-+)[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;
const ITEM = /^[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S/;
const RULE = /^ {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const MOST_FRONT_MATTER = 200;

function* linesOf(text: string): Generator<Line> {
  for (let start = 0; start < text.length;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 ? text.length : feed;
    yield { start, end, text: text.slice(start, end) };
    start = end + 1;
  }
}

/** `| --- | :-: |`: what makes the line above it a table header. Checked cell by cell, in linear time. */
function isDelimiterRow(line: string): boolean {
  if (!line.includes('|') || !line.includes('-') || /[^-|: \t]/.test(line)) return false;
  const cells = line
    .trim()
    .replace(/^\||\|$/g, '')
    .split('|');
  return cells.every((cell) => /^:?-+:?$/.test(cell.trim()));
}

/** YAML front matter: number of lines it takes and the title it gives. */
function frontMatter(lines: Line[]): { count: number; title: string | null } {
  if (lines[0]?.text.trimEnd() !== '---') return { count: 0, title: null };
  const end =
    lines.slice(1, MOST_FRONT_MATTER).findIndex((line) => /^(?:---|\.\.\.)\s*$/.test(line.text)) + 1;
  const inner = lines.slice(1, Math.max(end, 1));
  // Without keys it is a thematic break with prose below it.
  if (end === 0 || !inner.every((line) => line.text.trim() === '' || /^(?:[\w.-]+:|[ \t#-])/.test(line.text)))
    return { count: 0, title: null };
  const title = inner
    .map((line) => /^title:\s*(.*)$/i.exec(line.text)?.[1])
    .find((value) => value !== undefined);
  return { count: end + 1, title: titleOf(title?.replace(/^(["'])(.*)\1\s*$/, '$2')) };
}

/** Walks the lines once; the text itself stays as it was written. */
class MarkdownReader {
  readonly blocks: TextBlock[] = [];
  private open: TextBlock | undefined;
  private fence: string | undefined;
  private tableHeader: number | undefined;
  private inComment = false;

  constructor(private readonly lines: Line[]) {}

  read(from: number): TextBlock[] {
    for (let i = from; i < this.lines.length; i++) this.line(this.lines[i]!, this.lines[i + 1]);
    return this.blocks;
  }

  private line(line: Line, next: Line | undefined): void {
    if (this.fence !== undefined) return this.insideFence(line, this.fence);
    if (this.inComment || line.text.trimStart().startsWith('<!--')) return this.comment(line);
    const fence = FENCE.exec(line.text)?.[1];
    if (
      fence !== undefined &&
      !(fence.startsWith('`') && line.text.trim().slice(fence.length).includes('`'))
    ) {
      this.fence = fence;
      this.begin('code', line);
      return;
    }
    if (line.text.trim() === '') return this.close();
    if (this.heading(line) || this.table(line, next)) return;
    if (RULE.test(line.text)) return this.close();
    if (ITEM.test(line.text)) this.begin('list_item', line);
    else if (this.open) this.open.end = line.start + line.text.trimEnd().length;
    else this.begin('paragraph', line);
  }

  private insideFence(line: Line, fence: string): void {
    if (this.open) this.open.end = line.start + line.text.trimEnd().length;
    const mark = FENCE.exec(line.text)?.[1];
    if (mark?.startsWith(fence) && line.text.trim() === mark) {
      this.fence = undefined;
      this.close();
    }
  }

  private comment(line: Line): void {
    this.close();
    const end = line.text.indexOf('-->');
    this.inComment = end < 0;
    const rest = end < 0 ? '' : line.text.slice(end + 3);
    if (rest.trim() !== '') this.begin('paragraph', { ...line, start: line.start + end + 3, text: rest });
  }

  private heading(line: Line): boolean {
    const level = ATX.exec(line.text)?.[1]?.length;
    if (level !== undefined) {
      const text = line.text.replace(ATX, '').trimEnd();
      const inner = /(?:^|[ \t])#+$/.test(text) ? text.slice(0, text.search(/#+$/)).trimEnd() : text;
      const start = line.start + line.text.length - line.text.replace(ATX, '').length;
      this.close();
      if (inner.trim() !== '') this.push({ kind: 'heading', start, end: start + inner.length, level });
      return true;
    }
    const setext = SETEXT.exec(line.text)?.[1];
    if (setext === undefined || this.open?.kind !== 'paragraph') return false;
    this.open.kind = 'heading';
    this.open.level = setext.startsWith('=') ? 1 : 2;
    this.close();
    return true;
  }

  private table(line: Line, next: Line | undefined): boolean {
    if (this.tableHeader === undefined) {
      if (!line.text.includes('|') || next === undefined || !isDelimiterRow(next.text)) return false;
      this.close();
      this.begin('table_row', line);
      this.tableHeader = this.open?.start;
      return true;
    }
    if (isDelimiterRow(line.text)) return true;
    const headerStart = this.tableHeader;
    this.begin('table_row', line);
    if (this.open) this.open.headerStart = headerStart;
    this.tableHeader = headerStart;
    return true;
  }

  private begin(kind: TextBlock['kind'], line: Line): void {
    const trimmed = line.text.trimEnd();
    const start = line.start + (kind === 'code' ? 0 : trimmed.length - trimmed.trimStart().length);
    this.push({ kind, start, end: line.start + trimmed.length });
    this.open = this.blocks.at(-1);
  }

  private push(block: TextBlock): void {
    this.close();
    this.blocks.push(block);
  }

  private close(): void {
    this.open = undefined;
    this.tableHeader = undefined;
  }
}

/** A heading without its emphasis, code marks and link targets. */
function plainInline(text: string): string {
  return text
    .slice(0, 2000)
    .replace(/!?\[([^[\]]*)\]\([^()]*\)/g, '$1')
    .replace(/[*`]|(?<!\w)_+|_+(?!\w)/g, '')
    .replace(/\\([!-/:-@[-`{-~])/g, '$1');
}

/** Blocks of a Markdown text, whose offsets they keep, and its title: front matter, else the first heading. */
export function markdownBlocks(text: string): { blocks: TextBlock[]; title: string | null } {
  const lines = [...linesOf(text)];
  const front = frontMatter(lines);
  const blocks = new MarkdownReader(lines).read(front.count);
  const heading =
    blocks.find((block) => block.kind === 'heading' && block.level === 1) ??
    blocks.find((block) => block.kind === 'heading');
  const title =
    front.title ?? (heading ? titleOf(plainInline(text.slice(heading.start, heading.end))) : null);
  return { blocks, title };
}

export function extractMarkdown(bytes: Uint8Array): ExtractedText {
  const text = normaliseText(decodeText(bytes));
  return { text, ...markdownBlocks(text), mime: MIME.markdown, pages: null };
}
