/** A cell as a format's reader found it. */
export interface TableCell {
  text: string;
  isHeader: boolean;
  colSpan: number;
  rowSpan: number;
}

/** A position of the grid; a cell that spans several stands in each, but only its first one is its own. */
interface Slot {
  text: string;
  isHeader: boolean;
  isOwn: boolean;
}

const LONGEST_COLUMN_NAME = 60;
const MOST_COLUMNS = 500;
const MOST_SLOTS = 1_000_000;
const LONGEST_LABEL = 80;
// What spans rows is repeated in each of them; a long text would be multiplied.
const LONGEST_REPEATED = 200;

function layOut(rows: TableCell[][]): Slot[][] {
  const grid: Slot[][] = rows.map(() => []);
  let slots = 0;
  rows.forEach((cells, r) => {
    const row = grid[r]!;
    let column = 0;
    for (const cell of cells) {
      while (row[column]) column++;
      const width = Math.max(1, Math.min(cell.colSpan || 1, MOST_COLUMNS - column));
      const height = Math.max(1, Math.min(cell.rowSpan || rows.length, rows.length - r));
      for (let dy = 0; dy < height; dy++) {
        const text = dy === 0 || cell.text.length <= LONGEST_REPEATED ? cell.text : '';
        for (let dx = 0; dx < width && slots < MOST_SLOTS; dx++, slots++)
          grid[r + dy]![column + dx] ??= { text, isHeader: cell.isHeader, isOwn: dx === 0 };
      }
      // Past the limits cells still come, but side by side.
      row[column] ??= { text: cell.text, isHeader: cell.isHeader, isOwn: true };
      column += width;
    }
  });
  return grid;
}

function columnLabels(headerRows: Slot[][]): string[] {
  const width = Math.max(0, ...headerRows.map((row) => row.length));
  return Array.from({ length: width }, (_, column) => {
    const parts = headerRows
      .map((row) => row[column]?.text ?? '')
      .filter((text, i, all) => text !== '' && all.indexOf(text) === i);
    return parts.join(' / ').slice(0, LONGEST_LABEL).toWellFormed().trim();
  });
}

function rowText(row: Slot[], labels: string[]): string {
  const parts: string[] = [];
  let pending = '';
  row.forEach((slot, column) => {
    if (!slot?.isOwn || slot.text === '') return;
    const label = labels[column] ?? '';
    if (slot.isHeader && labels.length === 0) {
      // A row's own header names what stands beside it: "Kingdom: Animalia".
      if (pending) parts.push(pending);
      pending = slot.text;
    } else {
      const named = label && label !== slot.text ? `${label}: ${slot.text}` : slot.text;
      parts.push(pending ? `${pending}: ${named}` : named);
      pending = '';
    }
  });
  if (pending) parts.push(pending);
  return parts.join(' | ');
}

const YEAR = /^(?:19|20)\d\d(?:[-/]\d\d(?:[-/]\d\d)?)?$/;

/**
 * Whether a row reads like the names of columns: several, all different, short, with letters or years. The corner
 * above the names of the rows may be empty.
 */
export function looksLikeHeader(texts: readonly string[]): boolean {
  const names = texts[0] === '' ? texts.slice(1) : texts;
  const isName = (text: string): boolean => text !== '' && text.length <= LONGEST_COLUMN_NAME;
  const telling = names.filter((text) => /\p{L}/u.test(text) || YEAR.test(text)).length;
  return (
    names.length > (texts[0] === '' ? 0 : 1) &&
    names.every(isName) &&
    new Set(names).size === names.length &&
    telling * 2 > names.length &&
    // A row of years alone has values just as well.
    texts.some((text) => !YEAR.test(text))
  );
}

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

/**
 * One line per row, each cell with the header of its column in front, so that a passage with any part of the
 * table still says what its values are. The header rows come first, as they are. Spanning cells are repeated in
 * each row they cover, and named once in each.
 */
export function tableRows(rows: TableCell[][]): string[] {
  const grid = layOut(rows);
  const filled = grid.filter((row) => row.some((slot) => slot && slot.text !== ''));
  const width = Math.max(0, ...filled.map((row) => row.length));
  const own = (row: Slot[]): number => row.filter((slot) => slot?.isOwn && slot.text !== '').length;
  // One cell across the table is its caption; a header that leaves columns open belongs to the rows below it.
  const isCaption = (row: Slot[]): boolean => width > 1 && own(row) === 1 && row.length === width;
  const isHeaderRow = (row: Slot[]): boolean =>
    row.length === width && row.every((slot) => !slot || slot.isHeader || slot.text === '');
  const captions = filled.findIndex((row) => !isCaption(row));
  let headers = Math.max(0, captions);
  while (headers < filled.length && isHeaderRow(filled[headers]!)) headers++;
  // A table of headers alone has no values to name.
  if (headers === filled.length) headers = Math.max(0, captions);
  const labels = columnLabels(filled.slice(Math.max(0, captions), headers));
  return filled.map((row, i) =>
    i < headers
      ? rowText(
          row.map((slot) => ({ ...slot, isHeader: false })),
          [],
        )
      : rowText(row, labels),
  );
}
