import { type Line, LONGEST_HEADING, NAMED_VALUE } from './passage-lines.js';

const DASHES = /^[^\S\n]*\|?[^\S\n]*:?-[-:|\s]*$/;
const cellsOf = ({ text }: Line): string[] => text.split('|').map((cell) => cell.trim());
const YEAR = /^(?:19|20)\d\d$/;
/** Years, quarters, dates, or a unit in parentheses: what a second row of names says. */
const PERIOD =
  /^(?:[^\p{N}]{0,30}(?:19|20)\d\d[AEFP]?|(?:FY|CY) ?\d{2,4}|[QHT][1-4]|(?:FY|[QHT][1-4])[ /'’-]*\d{2,4}|\p{L}{3,12}\.? \d{1,2},? (?:19|20)\d\d)$/iu;
const UNIT =
  /^(?:\([^()]{1,60}\)|\p{Sc}|%|‰|[A-Z]{3}|(?:\p{Sc}|[A-Z]{3}) ?(?:m|mn|bn|k|million|billion)|k?g|t|[kmc]?m[²³23]?|l|kWh?|MWh?)$/u;
/** Rows that are compared with the first one. */
const MOST_COMPARED = 5;
/** Rows that name columns, at most. */
const MOST_HEADERS = 4;

/** Words, codes (`E02`), values (`31 kg`). */
const kindOf = (cell: string): number =>
  /^[^\p{L}]*\p{N}/u.test(cell) && !YEAR.test(cell) ? 2 : /\p{N}/u.test(cell) && !YEAR.test(cell) ? 1 : 0;

/** Rows that name the columns of the rows below them: the positions of each table's, in order. */
export function headerRows(lines: readonly Line[], isWhole: boolean): Set<number> {
  const found = new Set<number>();
  for (let i = 0; i < lines.length; i++) {
    if (!lines[i]!.isRow) continue;
    const first = i;
    while (lines[i + 1] && (lines[i + 1]!.isRow ? !lines[i + 1]!.opens : !lines[i + 1]!.starts)) i++;
    const rows: number[] = [];
    for (let at = first; at <= i; at++) if (lines[at]!.isRow) rows.push(at);
    const table = rows.map((at) => lines[at]!);
    if (table.length < 2 || !isHeader(table, isWhole || first > 0)) continue;
    for (const at of rows.slice(0, 1 + moreHeaders(table))) found.add(at);
  }
  return found;
}

/** Rows below the first one that name columns as well. */
function moreHeaders(rows: readonly Line[]): number {
  let more = 0;
  while (more + 1 < MOST_HEADERS && more + 2 < rows.length) {
    const [above, row, next] = [rows[more]!, rows[more + 1]!, rows[more + 2]!];
    if (!(isBelow(row, above) && isPeriods(row, next)) && !namesValues(row, next)) break;
    more++;
  }
  return more;
}

/** Whether a row goes on with the names above: those span columns, or it names no thing of its own. */
function isBelow(row: Line, above: Line): boolean {
  const [cells, names] = [cellsOf(row), cellsOf(above)];
  const [own = '', spanned = ''] = [cells[0], names[0]];
  return (
    cells.length !== names.length || own === spanned || [own, spanned].includes('') || /\(.+\)/.test(own)
  );
}

/** Periods and units alone, behind the first cell, and values or such names below them. */
function isPeriods(row: Line, next: Line): boolean {
  const [, ...below] = cellsOf(next);
  const all = cellsOf(row);
  // An empty cell at the begin of a row is not part of what it says.
  const [name = '', ...cells] = all.length <= below.length ? ['', ...all] : all;
  const said = cells.filter((cell) => cell !== '');
  if (said.length === 0 || kindOf(name) === 2) return false;
  if (!said.every((cell) => PERIOD.test(cell) || UNIT.test(cell))) return false;
  // `Opened | 2021 | 2022` may be a row as well: names have values below.
  const values = below.filter((cell) => kindOf(cell) === 2 && !PERIOD.test(cell));
  return values.length * 2 >= said.length || below.every((cell) => UNIT.test(cell));
}

/** Names that the values of the next row have, each or behind a slash: `2024 / Budget: 320000`. */
function namesValues(row: Line, next: Line): boolean {
  if (NAMED_VALUE.test(row.text)) return false;
  const names = cellsOf(row).filter((cell) => cell !== '');
  const values = cellsOf(next);
  const isNamed = (name: string): boolean =>
    values.some((cell) => cell.startsWith(`${name}:`) || cell.includes(`/ ${name}:`));
  return names.length > 1 && names.every(isNamed);
}

/** Whether the first of some rows names their columns; where a passage begins in a table, only if it shows. */
function isHeader([header, ...rows]: readonly Line[], isFirst: boolean): boolean {
  if (rows[0]!.gap.split('\n').some((line) => line.includes('|') && DASHES.test(line))) return true;
  const names = cellsOf(header!);
  const compared = rows.slice(0, MOST_COMPARED).map(cellsOf);
  if (names.some((name) => name !== '' && compared[0]!.some((cell) => cell.startsWith(`${name}:`))))
    return true;
  if (NAMED_VALUE.test(header!.text) || names.some((name) => kindOf(name) === 2)) return false;
  if (cellsOf(header!).length > 2 && isPeriods(header!, rows[0]!)) return true;
  const shows = names.some((name, column) =>
    compared.every((cells) => kindOf(cells[column] ?? '') > kindOf(name)),
  );
  return shows || (isFirst && names.every((name) => name.length <= LONGEST_HEADING / 2));
}
