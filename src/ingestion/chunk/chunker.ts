import { pageAt, pageStartsOf, type PageStarts } from '../../common/page-starts.js';
import type { ExtractedText, TextBlock } from '../extract/extract.types.js';
import { oneLine } from '../extract/normalise.js';
import type { Chunk, ChunkOptions, ChunkSpan, TokenCounter } from './chunk.types.js';
import { ContextMaker, trimToTokens, type Context, type Heading } from './context.js';
import { divide, type Section } from './sections.js';
import { CHARS_PER_TOKEN, hardSplit, splitSpan, trimSpan, type Span } from './split.js';

const DEFAULT_TARGET = 220;
/** [CLS] and [SEP], or what takes their place. */
const SPECIAL_TOKENS = 2;
/** A section that ends with less than this takes in the next one if that is short too. */
const TINY_SECTION = 32;
/** Headings below this level part passages only where these are long enough by themselves. */
const LAST_HARD_LEVEL = 3;
const SOFT_SECTION = 100;

/** A paragraph, list item, table row or part of one; never more than fits into one passage. */
interface Unit extends Span {
  cost: number;
  page: number | null;
  block: TextBlock;
  /** Of the list or table that begins with this unit; 0 elsewhere. */
  groupCost: number;
}

/** A passage in the making. */
interface Draft extends Span {
  cost: number;
  budget: number;
  page: number | null;
  path: Heading[];
  prefix: string;
  prefixTokens: number;
}

class Chunker {
  private readonly spans: ChunkSpan[] = [];
  private readonly contexts: ContextMaker;
  private readonly target: number;
  private readonly headingLimit: number;
  /** A third of the limit is the most that title and headings may take. */
  private readonly contextLimit: number;
  private readonly pageStarts: PageStarts | null;

  constructor(
    private readonly document: ExtractedText,
    private readonly options: ChunkOptions,
    private readonly count: TokenCounter,
  ) {
    this.pageStarts = pageStartsOf(document.blocks);
    this.contextLimit = Math.floor(options.maxTokens / 3);
    this.headingLimit = Math.max(1, Math.floor(this.contextLimit / 2) - 1);
    this.contexts = new ContextMaker(options.title, this.contextLimit, count);
    this.target = Math.min(options.targetTokens ?? DEFAULT_TARGET, options.maxTokens);
  }

  run(): ChunkSpan[] {
    const sections = divide(this.document, this.contexts, this.headingLimit, this.count);
    const merged: Draft[] = [];
    for (const section of sections) {
      const [first, ...rest] = this.pack(section);
      if (!first) continue;
      const previous = merged.at(-1);
      if (previous && this.mayJoin(previous, first)) this.extend(previous, first);
      else merged.push(first);
      for (const draft of rest) merged.push(draft);
    }
    for (const draft of merged) this.emit(draft, draft);
    return this.spans;
  }

  private readonly cost = (start: number, end: number): number => {
    const least = Math.ceil((end - start) / CHARS_PER_TOKEN);
    // What is too long anyway is not worth counting, and counters may be slow on very long words.
    return least > this.target ? least : Math.max(least, this.count(this.document.text.slice(start, end)));
  };

  /** Cost of what lies between two units: usually white space, sometimes a table's rule or a comment. */
  private gapCost(start: number, end: number): number {
    if (end - start < CHARS_PER_TOKEN && this.document.text.slice(start, end).trim() === '') return 0;
    return this.cost(start, end);
  }

  private budgetOf(context: Pick<Context, 'tokens'>): number {
    return Math.max(1, this.target - SPECIAL_TOKENS - context.tokens);
  }

  private unitsOf(block: TextBlock, limit: number): Unit[] {
    const span = trimSpan(this.document.text, block);
    if (span.end === span.start) return [];
    const rest = { page: block.page ?? null, block, groupCost: 0 };
    const cost = this.cost(span.start, span.end);
    if (cost <= limit) return [{ ...span, ...rest, cost }];
    const parts = splitSpan(this.document.text, span, limit, this.cost);
    return parts.map((part) => ({ ...part, ...rest, cost: this.cost(part.start, part.end) }));
  }

  /** Units of a section; the first of each list and table knows what the whole of it costs. */
  private units(section: Section, limit: number): Unit[] {
    const units: Unit[] = [];
    let group: Unit | undefined;
    for (const block of section.blocks) {
      const isGrouped = block.kind === 'list_item' || block.kind === 'table_row';
      if (!isGrouped || group?.block.kind !== block.kind) group = undefined;
      for (const unit of this.unitsOf(block, limit)) {
        units.push(unit);
        if (isGrouped) {
          group ??= unit;
          group.groupCost += unit.cost;
        }
      }
    }
    return units;
  }

  private pack(section: Section): Draft[] {
    const drafts: Draft[] = [];
    const headers = new Map<number, string>();
    const budget = this.budgetOf(section.context);
    // A row that needs its table's header in front must leave room for it.
    const limit = section.blocks.some((block) => block.headerStart !== undefined)
      ? Math.max(1, budget - this.headingLimit)
      : budget;
    const queue = this.units(section, limit).toReversed();
    for (let unit = queue.pop(); unit; unit = queue.pop()) {
      const draft = drafts.at(-1);
      if (!draft) {
        drafts.push(this.open(section, unit, headers));
        continue;
      }
      const added = unit.cost + this.gapCost(draft.end, unit.start);
      const keepsTogether =
        unit.groupCost > unit.cost && unit.groupCost <= limit && draft.cost + unit.groupCost > draft.budget;
      if (draft.cost + added <= draft.budget && !(keepsTogether && draft.cost * 3 > draft.budget)) {
        draft.end = unit.end;
        draft.cost += added;
        continue;
      }
      // A short beginning, such as one line before a long paragraph, is filled up with sentences of it.
      const parts = draft.cost * 4 < draft.budget ? this.sentences(unit, limit) : [];
      if (parts.length > 1 && draft.cost + parts[0]!.cost <= draft.budget) queue.push(...parts.toReversed());
      else drafts.push(this.open(section, unit, headers));
    }
    this.joinTail(drafts);
    return drafts;
  }

  private sentences(unit: Unit, limit: number): Unit[] {
    if (unit.block.kind === 'table_row' || unit.groupCost > unit.cost) return [];
    const parts = splitSpan(this.document.text, unit, limit, this.cost);
    return parts.map((part) => ({ ...unit, ...part, groupCost: 0, cost: this.cost(part.start, part.end) }));
  }

  private open(section: Section, unit: Unit, headers: Map<number, string>): Draft {
    const header = this.tableHeader(unit.block, headers);
    const prefix = section.context.prefix + (header === '' ? '' : `${header}\n`);
    const prefixTokens = section.context.tokens + (header === '' ? 0 : this.count(header));
    return {
      start: unit.start,
      end: unit.end,
      cost: unit.cost,
      page: unit.page,
      path: section.path,
      prefix,
      prefixTokens,
      budget: this.budgetOf({ tokens: prefixTokens }),
    };
  }

  /** The row that names the columns, for a passage that begins below it. */
  private tableHeader(block: TextBlock, headers: Map<number, string>): string {
    const start = block.headerStart;
    if (start === undefined) return '';
    let header = headers.get(start);
    if (header === undefined) {
      const lineEnd = this.document.text.indexOf('\n', start);
      const line = oneLine(this.document.text.slice(start, lineEnd < 0 ? undefined : lineEnd));
      header = trimToTokens(line, this.headingLimit, this.count);
      headers.set(start, header);
    }
    return header;
  }

  /** A few words left over at the end of a section go with the passage before them where the limit allows. */
  private joinTail(drafts: Draft[]): void {
    const last = drafts.at(-1);
    const before = drafts.at(-2);
    if (!last || !before || last.cost > TINY_SECTION) return;
    const room = this.options.maxTokens - SPECIAL_TOKENS - before.prefixTokens - 4;
    if (before.cost + last.cost + this.gapCost(before.end, last.start) > room) return;
    this.extend(before, last);
    drafts.pop();
  }

  /** Short neighbours under the same heading, such as the entries of a glossary, share a passage. */
  private mayJoin(previous: Draft, next: Draft): boolean {
    if (previous.page !== next.page) return false;
    const depth = next.path.length - 1;
    const isBelow = previous.path.every((heading, i) => next.path[i] === heading);
    const isBeside =
      previous.path.length === depth + 1 &&
      previous.path.every((heading, i) => i === depth || next.path[i] === heading);
    if (depth < 0 || !(isBelow || isBeside)) return false;
    const isSoft = next.path[depth]!.level > LAST_HARD_LEVEL;
    if (isSoft ? previous.cost > SOFT_SECTION : previous.cost > TINY_SECTION || next.cost > 2 * TINY_SECTION)
      return false;
    return previous.cost + this.gapCost(previous.end, next.start) + next.cost <= previous.budget;
  }

  private extend(draft: Draft, next: Draft): void {
    draft.cost += this.gapCost(draft.end, next.start) + next.cost;
    draft.end = next.end;
  }

  /**
   * Adds a passage once the encoder's own count of the whole has been checked. Counts of parts do not always
   * add up to it: what is above the limit after all is cut again, without its prefix when that alone is at fault.
   */
  private emit(draft: Draft, span: Span): void {
    const { prefix } = draft;
    const tokenCount = this.count(prefix + this.document.text.slice(span.start, span.end)) + SPECIAL_TOKENS;
    if (tokenCount > this.options.maxTokens) {
      const limit = Math.floor(this.cost(span.start, span.end) / 2);
      const parts = limit < 1 ? [span] : hardSplit(this.document.text, span, limit, this.cost);
      if (parts.length > 1) for (const part of parts) this.emit(draft, part);
      else if (prefix !== '') this.emit({ ...draft, prefix: '' }, span);
      else this.halve(draft, span);
      return;
    }
    this.spans.push({
      charStart: span.start,
      charEnd: span.end,
      page: pageAt(this.pageStarts, span.start, draft.page),
      headingPath: draft.path.map((heading) => heading.text),
      prefix,
      tokenCount,
    });
  }

  /** Last resort for a counter that no measure can predict. */
  private halve(draft: Draft, span: Span): void {
    const middle = span.start + Math.ceil((span.end - span.start) / 2);
    if (span.end - span.start <= 2)
      throw new RangeError('The limit of tokens is too small for a single character');
    const at = /[\udc00-\udfff]/.test(this.document.text.charAt(middle)) ? middle + 1 : middle;
    for (const part of [
      { start: span.start, end: at },
      { start: at, end: span.end },
    ]) {
      const trimmed = trimSpan(this.document.text, part);
      if (trimmed.end > trimmed.start) this.emit(draft, trimmed);
    }
  }
}

/**
 * Cuts a document into passages along its structure, in time linear in its length. What `chunkText` makes chunks
 * of, without copying the words.
 */
export function chunkSpans(
  extracted: ExtractedText,
  options: ChunkOptions,
  count: TokenCounter,
): ChunkSpan[] {
  return new Chunker(extracted, options, count).run();
}

/** Gives spans their words. */
export function toChunks(text: string, spans: readonly ChunkSpan[]): Chunk[] {
  return spans.map(({ prefix, ...span }, ordinal) => {
    const words = text.slice(span.charStart, span.charEnd);
    return { ...span, ordinal, text: words, searchText: prefix + words };
  });
}

/**
 * Cuts a document into passages: each within the limit of tokens including its title and headings, each exactly a
 * stretch of the text, every visible character of a block in exactly one of them. Headings stand in front of the
 * passages below them (`searchText`, `headingPath`), and in a passage where there is nothing below.
 */
export function chunkText(extracted: ExtractedText, options: ChunkOptions, count: TokenCounter): Chunk[] {
  return toChunks(extracted.text, chunkSpans(extracted, options, count));
}
