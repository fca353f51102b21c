import { ownColumns, type Row } from './table-grid.js';
import {
  isMeasure,
  isNothing,
  isNumber,
  isOneOf,
  isPeriod,
  isRemark,
  isYear,
  MOST_FIELDS,
} from './table-values.js';

const LONGEST_COLUMN_NAME = 60;
/** Names of columns take no more rows than this. */
const MOST_HEADER_ROWS = 6;
/** Rows that say whether a column holds numbers. */
const MOST_COMPARED = 100;

/**
 * Whether a row reads like the names of columns: several, all different, short, with letters or years. The corner
 * above the names of the rows may be empty.
 */
function looksLikeHeader(texts: readonly string[]): boolean {
  const names = texts[0] === '' ? texts.slice(1) : texts;
  const isName = (text: string): boolean => text !== '' && text.length <= LONGEST_COLUMN_NAME;
  const telling = names.filter((text) => /\p{L}/u.test(text) || isYear(text)).length;
  return (
    names.length > (texts[0] === '' ? 0 : 1) &&
    names.every(isName) &&
    new Set(names).size === names.length &&
    telling * 2 > names.length &&
    // A row of years alone has values just as well.
    texts.some((text) => !isYear(text))
  );
}

interface Columns {
  /** With a value in some row. */
  filled: number[];
  /** Those of them with numbers in most rows. */
  numbers: number[];
  /** Whether these hold nothing but numbers. */
  pure: boolean;
}

/** Columns right of the first one, which names the rows. */
function columnsOf(body: readonly Row[], stub: number): Columns {
  const filled = new Map<number, number>();
  const numeric = new Map<number, number>();
  const count = (counts: Map<number, number>, column: number): void =>
    void counts.set(column, (counts.get(column) ?? 0) + 1);
  for (const row of body.slice(0, MOST_COMPARED)) {
    for (const column of ownColumns(row)) {
      if (column <= stub || isNothing(row[column]!.text)) continue;
      count(filled, column);
      if (isMeasure(row[column]!.text)) count(numeric, column);
    }
  }
  const columns = [...filled.keys()].toSorted((a, b) => a - b);
  const numbers = columns.filter((c) => (numeric.get(c) ?? 0) * 2 > filled.get(c)!);
  return { filled: columns, numbers, pure: numbers.every((c) => numeric.get(c) === filled.get(c)) };
}

const isName = (text: string): boolean =>
  text.length <= LONGEST_COLUMN_NAME && !isNumber(text) && !isNothing(text) && /[\p{L}\p{N}%]/u.test(text);

const cornerOf = (row: Row, stub: number): string => row[stub]?.text ?? '';

const textsBeside = (row: Row, stub: number): string[] =>
  ownColumns(row)
    .filter((column) => column > stub)
    .map((column) => row[column]!.text);

/** A row that only names. */
function canName(row: Row, stub: number): boolean {
  const corner = cornerOf(row, stub);
  const texts = textsBeside(row, stub);
  if (texts.length === 0) return isRemark(corner);
  const measures = texts.filter((text) => isMeasure(text)).length;
  return (
    corner.length <= LONGEST_COLUMN_NAME &&
    texts.every(isName) &&
    (corner === '' || measures * 2 <= texts.length)
  );
}

const isSpanned = (row: Row, stub: number): boolean =>
  row.some((slot, column) => slot && !slot.isOwn && column > stub + 1 && slot.text !== '');

/** Whether a row goes on with the names of the row above, and is not one of values that are words. */
function goesOn(above: Row, row: Row, stub: number): boolean {
  const corner = cornerOf(row, stub);
  if (corner === '' || isRemark(corner) || corner === cornerOf(above, stub)) return true;
  return textsBeside(row, stub).every(isPeriod) || (isSpanned(above, stub) && cornerOf(above, stub) === '');
}

/** An open corner, a remark in it, or periods beside it: no field with its value looks like that. */
const isTelling = (row: Row, stub: number): boolean =>
  cornerOf(row, stub) === '' || isRemark(cornerOf(row, stub)) || textsBeside(row, stub).every(isPeriod);

/** Whether a row holds a value of a column of measures: 14,200 t above 3,900 t. A period may name such a column. */
function holdsValue(row: Row, body: readonly Row[], stub: number): boolean {
  const { numbers } = columnsOf(body, stub);
  const textsIn = (column: number): string[] =>
    body
      .slice(0, MOST_COMPARED)
      .map((one) => one[column]?.text ?? '')
      .filter((text) => text !== '' && !isNothing(text));
  return (
    cornerOf(row, stub) !== '' &&
    numbers.some((column) => {
      const text = row[column]?.text ?? '';
      return isMeasure(text) && isOneOf(text, textsIn(column));
    })
  );
}

/** Whether a single row of words names columns, and is not the first of several fields with their values. */
function namesPlainly(row: Row, body: readonly Row[], stub: number): boolean {
  const { filled, numbers, pure } = columnsOf(body, stub);
  const texts = textsBeside(row, stub);
  if (holdsValue(row, body, stub)) return false;
  if (!pure || body.length < 2 || [cornerOf(row, stub), ...texts].some((text) => text.endsWith(':')))
    return false;
  if (filled.length === 1)
    return body.every((one) => isMeasure(cornerOf(one, stub)) || isPeriod(cornerOf(one, stub)));
  const between = filled.filter((c) => c > numbers[0]! && c < numbers.at(-1)!);
  return between.every((c) => numbers.includes(c)) && filled.every((c) => (row[c]?.text ?? '') !== '');
}

/**
 * How many of the first rows name the columns of a table that does not say so itself: words, periods and dates over
 * columns of numbers. None where it is unsure, such as in a list of fields and their values.
 */
export function countHeaderRows(rows: readonly Row[], stub: number): number {
  const most = Math.min(MOST_HEADER_ROWS, rows.length - 1);
  let count = 0;
  while (
    count < most &&
    canName(rows[count]!, stub) &&
    (count === 0 || goesOn(rows[count - 1]!, rows[count]!, stub))
  )
    count++;
  const header = rows.slice(0, count);
  const body = rows.slice(count);
  const { numbers } = columnsOf(body, stub);
  const named = numbers.filter((column) => header.some((row) => (row[column]?.text ?? '') !== ''));
  if (named.length === 0 || named.length * 2 <= numbers.length) return 0;
  return header.some((row) => isTelling(row, stub)) || namesPlainly(header[0]!, body, stub) ? count : 0;
}

const isBold = (row: Row): boolean => row.every((slot) => !slot || slot.text === '' || slot.isBold);
const widthOf = (rows: readonly Row[]): number => rows.reduce((most, row) => Math.max(most, row.length), 0);

/**
 * The same for a table whose program lets nobody say it, and whose first row names the columns if it looks so. Two columns may
 * be fields and their values, unless the first row stands out by bold type or above measures.
 */
export function countLikelyHeaderRows(rows: readonly Row[], stub: number): number {
  const [first, second] = rows;
  if (!first || !second) return 0;
  const body = rows.slice(1);
  const { numbers, pure } = columnsOf(body, stub);
  const standsOut = (isBold(first) && !isBold(second)) || (numbers.length > 0 && pure);
  if (holdsValue(first, body, stub) || (widthOf(rows) === 2 && rows.length <= MOST_FIELDS && !standsOut))
    return 0;
  if (!looksLikeHeader(first.filter((slot) => slot?.isOwn).map((slot) => slot!.text))) return 0;
  const isBelow =
    rows.length > 2 &&
    isSpanned(first, stub) &&
    canName(second, stub) &&
    ['', cornerOf(first, stub)].includes(cornerOf(second, stub));
  return isBelow ? 2 : 1;
}
