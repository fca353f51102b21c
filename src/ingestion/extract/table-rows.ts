import { layOut, ownColumns, type Row, type TableCell } from './table-grid.js';
import { countHeaderRows, countLikelyHeaderRows } from './table-header.js';
import { joinSigns } from './table-signs.js';
import { isRemark } from './table-values.js';

const LONGEST_LABEL = 80;

/** A name that ends in a comma goes on in the row below: "Three Months Ended June 30," and "2023". */
const joinNames = (above: string, below: string): string =>
  above === '' ? below : `${above}${above.endsWith(',') ? ' ' : ' / '}${below}`;

function columnLabels(headerRows: readonly Row[]): string[] {
  const width = headerRows.reduce((most, row) => Math.max(most, row.length), 0);
  return Array.from({ length: width }, (_, column) =>
    headerRows
      .map((row) => row[column]?.text ?? '')
      .filter((text, i, all) => text !== '' && all.indexOf(text) === i)
      .reduce(joinNames, '')
      .slice(0, LONGEST_LABEL)
      .toWellFormed()
      .trim(),
  );
}

function rowText(row: Row, labels: readonly string[]): string {
  const parts: string[] = [];
  let pending = '';
  const columns = ownColumns(row);
  for (const column of columns) {
    const slot = row[column]!;
    const label = labels[column] ?? '';
    if (slot.isHeader && labels.length === 0) {
      // A row's own header names what stands beside it: "Kingdom: Animalia".
      if (pending) parts.push(pending);
      pending = slot.text;
    } else if (isRemark(label) && column === columns[0]) {
      // What is said of all values: "Net revenue (in millions)".
      parts.push(columns.length > 1 && label !== slot.text ? `${slot.text} ${label}` : slot.text);
    } else {
      const named = label && label !== slot.text ? `${label}: ${slot.text}` : slot.text;
      parts.push(pending ? `${pending}: ${named}` : named);
      pending = '';
    }
  }
  if (pending) parts.push(pending);
  return parts.join(' | ');
}

const plainText = (row: Row): string =>
  ownColumns(row)
    .map((column) => row[column]!.text)
    .join(' | ');

/** A row of a plain grid, each value with the name of its column in front. */
export function labelledRow(values: readonly string[], labels: readonly string[]): string {
  const parts: string[] = [];
  values.forEach((value, column) => {
    if (value === '') return;
    const label = labels[column] ?? '';
    parts.push(
      label === '' || label === value ? value : `${label}${/[:?]$/.test(label) ? '' : ':'} ${value}`,
    );
  });
  return parts.join(' | ');
}

/** Rows that say what the table is about: one cell across it, or nothing beside the first one. */
function countCaptions(rows: readonly Row[], stub: number): number {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const isCaption = (row: Row): boolean => {
    const [first, ...others] = ownColumns(row);
    const isHeader = first !== undefined && row[first]!.isHeader;
    // A header that leaves columns open belongs to the rows below it.
    return first === stub && others.length === 0 && width > 1 && (!isHeader || row.length === width);
  };
  const first = rows.findIndex((row) => !isCaption(row));
  return Math.max(0, first);
}

/** Rows that name columns: those that say so themselves, or look like it. */
function countHeaders(rows: readonly Row[], stub: number, likely: boolean): number {
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const isHeaderRow = (row: Row): boolean =>
    row.length === width && row.every((slot) => !slot || slot.isHeader || slot.text === '');
  let headers = 0;
  while (headers < rows.length && isHeaderRow(rows[headers]!)) headers++;
  // A table of headers alone has no values to name.
  if (headers === rows.length) return 0;
  if (headers > 0 || rows[0]!.some((slot) => slot?.isHeader && slot.text !== '')) return headers;
  return countHeaderRows(rows, stub) || (likely ? countLikelyHeaderRows(rows, stub) : 0);
}

/**
 * One line per row, each cell with the header of its column in front, so that a passage with any part of the
 * table still says what its values are. The header rows come first, as they are. Spanning cells are repeated in
 * each row they cover, and named once in each.
 *
 * @param options `likelyHeader`: the format does not say which rows are headers, the first one is if it looks like names
 */
export function tableRows(
  rows: readonly (readonly TableCell[])[],
  options: { likelyHeader?: boolean } = {},
): string[] {
  const grid = layOut(rows);
  joinSigns(grid);
  const filled = grid.filter((row) => ownColumns(row).length > 0);
  const stub = filled.reduce((least, row) => Math.min(least, ownColumns(row)[0]!), Infinity);
  const captions = countCaptions(filled, stub);
  const body = filled.slice(captions);
  const headers = captions + countHeaders(body, stub, options.likelyHeader === true);
  const labels = columnLabels(filled.slice(captions, headers));
  const remark = filled.slice(0, captions).findLast((row) => isRemark(plainText(row)));
  if (remark && headers > captions) labels[stub] ||= plainText(remark);
  return filled.map((row, i) => (i < headers ? plainText(row) : rowText(row, labels)));
}
