import type { TextBlock } from '../extract.types.js';
import { withoutRunning } from './pdf-running.js';

/** One line of a page. Lengths in points; `across` grows upwards on an upright page. */
export interface PdfLine {
  text: string;
  page: number;
  /** Degrees of the direction of writing. */
  angle: number;
  along: number;
  across: number;
  /** Of its last character: a word divided at the line end makes one line of two. */
  lastAcross: number;
  size: number;
  bold: boolean;
  startsWithSymbol: boolean;
}

export type PdfBlock = Pick<TextBlock, 'kind' | 'level'> & { text: string; page: number; size: number };

interface Group {
  lines: PdfLine[];
  isItem: boolean;
  /** Whether more than the usual space separates it from what is above. */
  isApart: boolean;
}

const ITEM = /^(?:[•▪●○◦‣∙■□➢✓*–—-]|\(?(?:\d{1,3}|[a-z])[.)]|\[\d{1,3}\])\s+\S/;
const LONGEST_HEADING = 200;
const LONGEST_BOLD_HEADING = 120;

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const differs = (a: number, b: number): boolean => Math.abs(a - b) > 0.08 * Math.max(a, b);

/** Usual distance between two lines of a paragraph on this page, in multiples of the size. */
function usualLeading(lines: PdfLine[]): number {
  const ratios: number[] = [];
  lines.forEach((line, i) => {
    const previous = lines[i - 1];
    if (!previous || previous.angle !== line.angle || differs(previous.size, line.size)) return;
    const ratio = (previous.lastAcross - line.across) / line.size;
    if (ratio > 0.7 && ratio < 2.6) ratios.push(ratio);
  });
  return ratios.length >= 3 ? median(ratios) : 1.25;
}

/** Puts lines of one page together into paragraphs, by the space between them, their style and their indent. */
function groupLines(lines: PdfLine[]): Group[] {
  const leading = usualLeading(lines);
  const groups: Group[] = [];
  for (const line of lines) {
    const group = groups.at(-1);
    const previous = group?.lines.at(-1);
    const isItem = line.startsWithSymbol || ITEM.test(line.text);
    if (!group || !previous) {
      groups.push({ lines: [line], isItem, isApart: true });
      continue;
    }
    const gap =
      previous.angle === line.angle ? (previous.lastAcross - line.across) / (line.size || 1) : Number.NaN;
    const sameLine = Math.abs(gap) < 0.5;
    const movedOn = Number.isNaN(gap) || gap < -0.5 || gap > 4 * leading;
    const isApart = !sameLine && (movedOn || gap > leading * 1.25);
    const indented =
      !group.isItem &&
      line.along - previous.along > 0.8 * line.size &&
      line.along - group.lines[0]!.along > -0.5 * line.size;
    const sameStyle = !differs(previous.size, line.size) && previous.bold === line.bold;
    // A sentence that runs on in the next column starts in lower case.
    const runsOn = gap < -0.5 && sameStyle && /^\p{Ll}/u.test(line.text) && !/[.!?:;]$/.test(previous.text);
    const joins = sameLine
      ? !differs(previous.size, line.size)
      : !isItem && sameStyle && (runsOn || (!isApart && !indented));
    if (joins) group.lines.push(line);
    else groups.push({ lines: [line], isItem, isApart });
  }
  return groups;
}

const textOf = (group: Group): string => group.lines.map((line) => line.text).join('\n');

/** Style that most characters of the document have. */
function bodyStyle(groups: Group[]): { size: number; bold: boolean } {
  const bySize = new Map<number, number>();
  let bold = 0;
  let all = 0;
  for (const line of groups.flatMap((group) => group.lines)) {
    const size = Math.round(line.size * 2) / 2;
    bySize.set(size, (bySize.get(size) ?? 0) + line.text.length);
    all += line.text.length;
    if (line.bold) bold += line.text.length;
  }
  const [size] = [...bySize].reduce((best, entry) => (entry[1] > best[1] ? entry : best), [0, 0]);
  return { size, bold: bold * 2 > all };
}

/** Smallest size of a heading of each level, in multiples of the size of the text. */
const HEADING_SIZES = [1.7, 1.35, 1.12];

/** Levels by size; bold headings in the size of the text come below all of them. */
function headingLevels(groups: Group[]): (group: Group) => number | undefined {
  const body = bodyStyle(groups);
  return (group) => {
    const text = textOf(group);
    const letters = text.match(/\p{L}/gu)?.length ?? 0;
    if (text.length > LONGEST_HEADING || group.lines.length > 3 || letters < 3 || letters * 2 < text.length)
      return undefined;
    if (group.lines[0]!.startsWithSymbol) return undefined;
    const size = Math.min(...group.lines.map((line) => line.size)) / body.size;
    const level = HEADING_SIZES.findIndex((least) => size >= least) + 1;
    if (level > 0) return level;
    const isBold =
      !body.bold &&
      group.isApart &&
      group.lines.length <= 2 &&
      size >= 0.95 &&
      group.lines.every((line) => line.bold);
    return isBold && text.length <= LONGEST_BOLD_HEADING && !/[.,;:]$/.test(text)
      ? HEADING_SIZES.length + 1
      : undefined;
  };
}

/** Blocks of a whole document from the lines of its pages, in their order. */
export function layOutPages(pages: PdfLine[][]): PdfBlock[] {
  const groups = withoutRunning(pages.map(groupLines), (group) => ({
    page: group.lines[0]!.page,
    text: textOf(group),
  })).flat();
  const levelOf = headingLevels(groups);
  return groups.map((group) => {
    const { page, size } = group.lines[0]!;
    const level = levelOf(group);
    const text = textOf(group);
    if (level !== undefined) return { kind: 'heading', level, page, size, text: text.replaceAll('\n', ' ') };
    return { kind: group.isItem ? 'list_item' : 'paragraph', page, size, text };
  });
}
