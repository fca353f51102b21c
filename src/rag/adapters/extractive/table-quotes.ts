import type { Evidence } from './evidence.js';

/** Whether a line of a passage has cells; the marks around them are no part of its sentence. */
function hasCells({ passage, start, end, text }: Evidence): boolean {
  if (text.includes('|')) return true;
  const line = passage.text.slice(passage.text.lastIndexOf('\n', start - 1) + 1, end + 2);
  return line.trimStart().startsWith('|');
}

const cellsOf = (text: string): string[] =>
  text
    .split('|')
    .map((cell) => cell.trim())
    .filter((cell) => cell !== '');

/** Whether a row says itself which column a value is of: "Region: North | Revenue / 2024: 120". */
function isNamed(row: string, header: string): boolean {
  const labels = cellsOf(row).map((cell) => cell.slice(0, Math.max(0, cell.search(/[:?] /) + 1)));
  return cellsOf(header).some((name) => labels.some((label) => label.includes(name)));
}

/** The row that names the columns of a row, where that does not. */
function headerOf(row: Evidence, evidence: readonly Evidence[]): Evidence | undefined {
  const { below, passage, ordinal } = row;
  if (below === undefined || !hasCells(row) || isNamed(row.text, below)) return undefined;
  const header = evidence.findLast(
    (one) => one.passage === passage && one.ordinal < ordinal && one.text === below,
  );
  return header && hasCells(header) ? header : undefined;
}

/**
 * Quotes with the header of each table behind its rows: the first quote is what answers. Rows of one table stand
 * together.
 */
export function withHeaders(quotes: readonly Evidence[], evidence: readonly Evidence[]): Evidence[] {
  const groups = new Map<Evidence, Evidence[]>();
  for (const quote of quotes) {
    const table = headerOf(quote, evidence) ?? quote;
    groups.set(table, [...(groups.get(table) ?? []), quote]);
  }
  return [...groups].flatMap(([table, rows]) => (quotes.includes(table) ? rows : [...rows, table]));
}
