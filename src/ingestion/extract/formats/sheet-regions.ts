import type { TextBlock } from '../extract.types.js';
import { isMeasure, isOneOf, MOST_FIELDS } from '../table-values.js';
import { labelledRow } from '../table-rows.js';

/** A row with something in it. `values` is sparse. */
export interface SheetRow {
  index: number;
  values: string[];
  isText: boolean[];
  isHidden: boolean;
  /** What a merged cell to the left says over this column. */
  spans?: Record<number, string>;
}

interface RegionBlock {
  kind: Extract<TextBlock['kind'], 'paragraph' | 'table_row'>;
  text: string;
}

const LONGEST_LABEL = 80;
const MOST_HEADER_ROWS = 3;
/** Rows that say what a column holds. */
const MOST_COMPARED = 100;
/** Of tables beside tables. */
const DEEPEST = 8;

const cellsOf = (row: SheetRow): { value: string; isText: boolean; column: number }[] => {
  const cells: { value: string; isText: boolean; column: number }[] = [];
  row.values.forEach((value, column) => {
    if (value) cells.push({ value, isText: row.isText[column] === true, column });
  });
  return cells;
};

const isYear = (value: string): boolean => /^(?:19|20)\d\d(?:-\d\d)*$/.test(value);

/**
 * Names of columns: texts and years, short, most of them with letters, and at least two of them. Years alone are
 * names only below others.
 */
function isHeader(row: SheetRow, isBelow = false): boolean {
  const cells = cellsOf(row);
  const named = cells.filter(({ value, isText }) => (isText && /\p{L}/u.test(value)) || isYear(value));
  return (
    cells.length > 1 &&
    (isBelow || cells.some(({ isText }) => isText)) &&
    cells.every(({ value, isText }) => (isText || isYear(value)) && value.length <= LONGEST_LABEL) &&
    named.length * 2 > cells.length
  );
}

/**
 * Whether the first row of a table is one of its values: a measure above others, or one of two columns of words, which, where
 * they are short, may be fields and what they hold.
 */
function isValues(row: SheetRow, below: readonly SheetRow[]): boolean {
  const rows = below.slice(0, MOST_COMPARED);
  const columns = new Set([row, ...rows].flatMap((one) => cellsOf(one).map(({ column }) => column)));
  const cellsIn = (column: number) =>
    rows.flatMap((one) => cellsOf(one).filter((cell) => cell.column === column));
  const holdsMeasure = cellsOf(row).some(({ value, column }, i) => {
    return (
      i > 0 &&
      isMeasure(value) &&
      isOneOf(
        value,
        cellsIn(column).map((cell) => cell.value),
      )
    );
  });
  const areWords = (column: number): boolean => {
    const cells = cellsIn(column);
    return cells.filter(({ isText }) => isText).length * 2 > cells.length;
  };
  return holdsMeasure || (columns.size === 2 && below.length < MOST_FIELDS && [...columns].every(areWords));
}

function labelsOf(rows: readonly SheetRow[]): string[] {
  const labels: string[] = [];
  for (const [depth, row] of rows.entries()) {
    const width = Math.max(row.values.length, ...Object.keys(row.spans ?? {}).map((c) => Number(c) + 1));
    for (let column = 0; column < width; column++) {
      const part = row.values[column] ?? (depth < rows.length - 1 ? row.spans?.[column] : undefined);
      if (!part || labels[column]?.split(' / ').includes(part)) continue;
      labels[column] = labels[column] ? `${labels[column]} / ${part}` : part;
    }
  }
  return labels.map((label) => label.slice(0, LONGEST_LABEL * 2).toWellFormed());
}

const plainRow = (row: SheetRow): string => labelledRow(dense(row.values), []);
const dense = (values: readonly string[]): string[] => Array.from(values, (value) => value ?? '');

function* region(rows: readonly SheetRow[]): Generator<RegionBlock> {
  let at = 0;
  // Lines of one cell above a table say what it is about.
  for (; at < rows.length && cellsOf(rows[at]!).length === 1; at++)
    yield { kind: 'paragraph', text: mark(rows[at]!, plainRow(rows[at]!)) };
  const first = at;
  while (
    at < rows.length - 1 &&
    at - first < MOST_HEADER_ROWS &&
    // Below the first there are more only under cells that span several columns.
    (at === first
      ? isHeader(rows[at]!) && !isValues(rows[at]!, rows.slice(at + 1))
      : rows[at - 1]!.spans !== undefined && isHeader(rows[at]!, true))
  )
    at++;
  for (const row of rows.slice(first, at)) yield { kind: 'table_row', text: mark(row, plainRow(row)) };
  const labels = labelsOf(rows.slice(first, at));
  for (const row of rows.slice(at))
    yield { kind: 'table_row', text: mark(row, labelledRow(dense(row.values), labels)) };
}

const mark = (row: SheetRow, text: string): string => (row.isHidden ? `${text} (hidden row)` : text);

/** The part of rows that lies between two columns, without what is empty there. */
function slice(rows: readonly SheetRow[], from: number, to: number): SheetRow[] {
  const parts: SheetRow[] = [];
  for (const row of rows) {
    const part: SheetRow = { ...row, values: [], isText: row.isText };
    row.values.forEach((value, column) => {
      if (value && column >= from && column < to) part.values[column] = value;
    });
    if (part.values.length > 0) parts.push(part);
  }
  return parts;
}

/**
 * Two tables side by side: an empty column parts them, and one begins and ends further down and has names of its own.
 * Forms have empty columns too, and their rows stay whole.
 */
function besideEachOther(rows: readonly SheetRow[]): [SheetRow[], SheetRow[]] | undefined {
  const used = new Set<number>();
  for (const row of rows) row.values.forEach((value, column) => value && used.add(column));
  const columns = [...used].toSorted((a, b) => a - b);
  for (let i = 1; i < columns.length; i++) {
    if (columns[i - 1]! + 1 === columns[i]) continue;
    const left = slice(rows, 0, columns[i]!);
    const right = slice(rows, columns[i]!, Infinity);
    const [upper, lower] = left[0]!.index < right[0]!.index ? [left, right] : [right, left];
    const isWide = (part: readonly SheetRow[]): boolean => part.some((row) => cellsOf(row).length > 1);
    const isStaggered = upper[0]!.index < lower[0]!.index && upper.at(-1)!.index < lower.at(-1)!.index;
    if (isStaggered && isWide(left) && isWide(right) && isHeader(lower[0]!)) return [left, right];
  }
  return undefined;
}

/** Tables of a sheet, which empty rows part; each row names the columns of its cells. */
export function* readRegions(rows: readonly SheetRow[], depth = 0): Generator<RegionBlock> {
  let start = 0;
  for (let i = 1; i <= rows.length; i++) {
    if (i < rows.length && rows[i]!.index === rows[i - 1]!.index + 1) continue;
    const block = rows.slice(start, i);
    const pair = depth < DEEPEST ? besideEachOther(block) : undefined;
    if (pair) for (const part of pair) yield* readRegions(part, depth + 1);
    else yield* region(block);
    start = i;
  }
}
