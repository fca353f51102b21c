import type { Sentence } from '../../sentences.js';

/** A sentence with its place among the lines of a passage. */
interface Line {
  text: string;
  /** What stands between it and the sentence before. */
  gap: string;
  /** First, and last, of its line. */
  starts: boolean;
  ends: boolean;
  /** A blank line, or the start of the passage, stands before it. */
  opens: boolean;
  isItem: boolean;
  isRow: boolean;
}

/** What a sentence is in its passage: a label only names what stands below. */
export interface Place {
  /**
   * Questions and lines of a table of contents are empty: never an answer. Sure ones are where there is nothing else, a
   * likely one also where it holds all that was asked for.
   */
  label: 'empty' | 'sure' | 'likely' | undefined;
  /** The heading above it, as its sentence's position; -1 is the heading that the whole passage stands under. */
  section: number;
  /** Question, header row or lead-in right above it. */
  inner: number | undefined;
  /** Whether the inner label is the header row of a table. */
  isCell: boolean;
  /** Whether a new paragraph or item begins here. */
  opens: boolean;
  isItem: boolean;
}

const LONGEST_HEADING = 80;
const CLOSING = String.raw`["'”’»)\]*_]*$`;
const ENDS_AS_QUESTION = new RegExp(`[?？؟]${CLOSING}`, 'u');
const ENDS = new RegExp(`[.!?:;,…。！？：；，؟।]${CLOSING}`, 'u');
const LEADS_IN = new RegExp(`[:：]${CLOSING}`, 'u');
const ASKED_BY =
  /^[*_]{0,3}(?:Q|F|P|D|V|Frage|Question|Pregunta|Pergunta|Domanda|Vraag|问|問|質問)\s?\d{0,3}\s?[.:：)]/u;
const NAMED_VALUE = /[\p{L}\p{N})][*_]{0,3}[:：=]\s*\S|\t/u;
const NUMBERED = /^(?:\d{1,3}|\p{L})[.)]\s/u;
const BULLET = /(?:^|\n)[^\S\n]*[-*•–—▪·](?=\s)[^\n]*$/u;
const HASHES = /(?:^|\n) {0,3}#{1,6}\s+$/u;
const HASHES_INSIDE = /^#{1,6}\s/u;
const LEADERS = /(?:[.·_…][^\S\n]?){5}|…[^\S\n]?…/u;
const PAGE_NUMBER = /^(?:\d{1,5}|[ivxlc]{1,7})$/iu;

const folded = (text: string): string =>
  text
    .replace(/[\s#*_]+/gu, ' ')
    .trim()
    .toLowerCase();

function linesOf(text: string, sentences: readonly Sentence[]): Line[] {
  let last = 0;
  const lines = sentences.map(({ start, end }, i): Line => {
    const gap = text.slice(last, start);
    last = end;
    const said = text.slice(start, end);
    const starts = i === 0 || gap.includes('\n');
    return {
      text: said,
      gap,
      starts,
      ends: true,
      opens: i === 0 || /\n[^\S\n]*\n/.test(gap),
      isItem: starts && (BULLET.test(gap) || NUMBERED.test(said)),
      isRow: starts && (said.includes('|') || gap.slice(gap.lastIndexOf('\n') + 1).includes('|')),
    };
  });
  for (const [i, line] of lines.entries()) line.ends = lines[i + 1]?.starts ?? true;
  return lines;
}

/** Where each sentence of a passage stands, and which of them only label; `names` are its title and headings. */
export function placesOf(
  passage: { text: string; charStart: number },
  sentences: readonly Sentence[],
  names: readonly string[],
): Place[] {
  const lines = linesOf(passage.text, sentences);
  const called = new Set(names.map(folded));
  const headers = headerRows(lines, passage.charStart === 0);
  const places: Place[] = [];
  let section = -1;
  let inner: number | undefined;
  /** What the inner label reaches: rows, items, or all up to the next label. */
  let reach: 'rows' | 'items' | 'all' = 'all';
  let contents = false;
  for (const [i, line] of lines.entries()) {
    if ((reach === 'rows' && line.starts && !line.isRow) || (reach === 'items' && line.opens && !line.isItem))
      [inner, reach] = [undefined, 'all'];
    contents = isContents(line, contents);
    const isEmpty = contents || isQuestion(line);
    const label = isEmpty ? 'empty' : headers.has(i) ? 'sure' : headingKind(lines, i, called);
    const place = { label, section, inner, isCell: reach === 'rows', opens: line.opens, isItem: line.isItem };
    places.push(label ? { ...place, inner: undefined } : place);
    if (contents) continue;
    if (isEmpty) [inner, reach] = [i, 'all'];
    else if (label && headers.has(i)) [inner, reach] = [i, 'rows'];
    else if (label) [section, inner, reach] = [i, undefined, 'all'];
    else if (line.ends && LEADS_IN.test(line.text) && inner === undefined) [inner, reach] = [i, 'items'];
  }
  return places;
}

const isQuestion = ({ starts, text }: Line): boolean =>
  starts && (ENDS_AS_QUESTION.test(text) || ASKED_BY.test(text));

/** A line of a table of contents: dots lead to the number of a page, which may count as a sentence. */
const isContents = (line: Line, before: boolean): boolean =>
  LEADERS.test(line.text) || (before && !line.starts && PAGE_NUMBER.test(line.text));

function headingKind(lines: readonly Line[], i: number, called: ReadonlySet<string>): Place['label'] {
  const line = lines[i]!;
  if (!line.starts || !line.ends) return undefined;
  if (HASHES.test(line.gap) || HASHES_INSIDE.test(line.text) || called.has(folded(line.text))) return 'sure';
  if (!looksLikeHeading(line)) return undefined;
  const next = lines[i + 1];
  if (next && isBody(next)) return 'likely';
  // A title may have a first heading below it; more such lines are notes.
  const second = lines[i + 2];
  return i === 0 && next && looksLikeHeading(next) && second && isBody(second) ? 'likely' : undefined;
}

const looksLikeHeading = (line: Line): boolean =>
  line.opens &&
  line.starts &&
  line.ends &&
  !line.isItem &&
  !line.isRow &&
  line.text.length <= LONGEST_HEADING &&
  !ENDS.test(line.text) &&
  !NAMED_VALUE.test(line.text);

const isBody = (line: Line): boolean =>
  line.isItem ||
  line.isRow ||
  !line.ends ||
  line.text.length > LONGEST_HEADING ||
  HASHES.test(line.gap) ||
  ENDS.test(line.text) ||
  NAMED_VALUE.test(line.text);

/** Rows that name the columns of the rows below them. */
function headerRows(lines: readonly Line[], isWhole: boolean): Set<number> {
  const found = new Set<number>();
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]!.isRow) continue;
    const first = i;
    while (lines[i + 1] && (lines[i + 1]!.isRow ? !lines[i + 1]!.opens : !lines[i + 1]!.starts)) i++;
    const rows = lines.slice(first, i + 1).filter((line) => line.isRow);
    if (rows.length > 1 && isHeader(rows, isWhole || first > 0)) found.add(first);
  }
  return found;
}

const DASHES = /^[^\S\n]*\|?[^\S\n]*:?-[-:|\s]*$/;
const cellsOf = ({ text }: Line): string[] => text.split('|').map((cell) => cell.trim());
const YEAR = /^(?:19|20)\d\d$/;
/** Rows that are compared with the first one. */
const MOST_COMPARED = 5;

/** Words, codes (`E02`), values (`31 kg`). */
const kindOf = (cell: string): number =>
  /^[^\p{L}]*\p{N}/u.test(cell) && !YEAR.test(cell) ? 2 : /\p{N}/u.test(cell) && !YEAR.test(cell) ? 1 : 0;

/** Whether the first of some rows names their columns; where a passage begins in a table, only if it shows. */
function isHeader([header, ...rows]: readonly Line[], isFirst: boolean): boolean {
  if (rows[0]!.gap.split('\n').some((line) => line.includes('|') && DASHES.test(line))) return true;
  const names = cellsOf(header!);
  const compared = rows.slice(0, MOST_COMPARED).map(cellsOf);
  if (names.some((name) => name !== '' && compared[0]!.some((cell) => cell.startsWith(`${name}:`))))
    return true;
  if (NAMED_VALUE.test(header!.text) || names.some((name) => kindOf(name) === 2)) return false;
  const shows = names.some((name, column) =>
    compared.every((cells) => kindOf(cells[column] ?? '') > kindOf(name)),
  );
  return shows || (isFirst && names.every((name) => name.length <= LONGEST_HEADING / 2));
}
