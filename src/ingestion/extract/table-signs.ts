import { ownColumns, type Row } from './table-grid.js';
import { isNothing, isNumber } from './table-values.js';

const BEFORE = /^(?:[A-Z]{0,3}\p{Sc})?\s?[(+−-]?$/u;
const BEHIND = /^(?:\)\s?%?|%\s?\)?|‰|\p{Sc}\)?)$/u;

const isBefore = (text: string): boolean => text !== '' && BEFORE.test(text);
const isSign = (text: string): boolean => isBefore(text) || BEHIND.test(text);

/**
 * Columns that hold signs of the numbers beside them, besides signs only numbers and what spans several columns. Symbols
 * below a name of their own, such as those of currencies in a table of rates, are values.
 */
function signColumns(grid: readonly Row[]): Set<number> {
  const signs = new Set<number>();
  const named = new Set<number>();
  for (const row of grid) {
    for (const column of ownColumns(row)) {
      const { text } = row[column]!;
      if (isSign(text)) signs.add(column);
      else if (!isNumber(text) && !isNothing(text) && !spans(row, column)) named.add(column);
    }
  }
  for (const column of named) signs.delete(column);
  return signs;
}

const spans = (row: Row, column: number): boolean => {
  const next = row[column + 1];
  // A name over the sign alone stands for the number too, when that has none of its own.
  return next === undefined || next.text === '' || !next.isOwn;
};

const opens = (text: string): boolean => text.includes('(') && !text.includes(')');

function joinRow(row: Row, signs: ReadonlySet<number>): void {
  const columns = ownColumns(row);
  let before: number | undefined;
  let number: number | undefined;
  for (const column of columns) {
    const slot = row[column]!;
    const { text } = slot;
    if (number !== undefined && signs.has(column) && BEHIND.test(text) && !isNothing(text)) {
      const value = row[number]!;
      // A bracket closes one; the currency before the next number belongs to that.
      if (text.startsWith(')') ? opens(value.text) : !/^\p{Sc}/u.test(text) || column === columns.at(-1)) {
        row[number] = { ...value, text: value.text + text.replace(/\s/g, '') };
        row[column] = { ...slot, text: '' };
        continue;
      }
    }
    if (signs.has(column) && isBefore(text) && !isNothing(text)) {
      before = column;
      number = undefined;
      continue;
    }
    const isValue = isNumber(text) || isNothing(text);
    if (before !== undefined && isValue) {
      const sign = row[before]!;
      row[column] = { ...slot, text: sign.text.replace(/\s/g, '') + text };
      row[before] = { ...sign, text: '' };
    }
    before = undefined;
    number = isValue ? column : undefined;
  }
}

/**
 * Puts `$`, `(`, `)` and `%` that stand in cells of their own to the number that they belong to, as filings have them
 * for the sake of alignment: "(21" and ")" are one value.
 */
export function joinSigns(grid: readonly Row[]): void {
  const signs = signColumns(grid);
  if (signs.size === 0) return;
  for (const row of grid) joinRow(row, signs);
}
