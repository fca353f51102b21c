/** A cell as a format's reader found it. */
export interface TableCell {
  text: string;
  isHeader: boolean;
  isBold?: boolean;
  colSpan: number;
  rowSpan: number;
}

/** A position of the grid; a cell that spans several stands in each, but only its first one is its own. */
export interface Slot {
  text: string;
  isHeader: boolean;
  isBold: boolean;
  isOwn: boolean;
}

/** Sparse where a row leaves columns open. */
export type Row = (Slot | undefined)[];

const MOST_COLUMNS = 500;
const MOST_SLOTS = 1_000_000;
// What spans rows is repeated in each of them; a long text would be multiplied.
const LONGEST_REPEATED = 200;

/** Puts cells into the positions that they take. */
export function layOut(rows: readonly (readonly TableCell[])[]): Row[] {
  const grid: Row[] = rows.map(() => []);
  let slots = 0;
  rows.forEach((cells, r) => {
    const row = grid[r]!;
    let column = 0;
    for (const cell of cells) {
      const { isHeader, isBold = false } = cell;
      while (row[column]) column++;
      const width = Math.max(1, Math.min(cell.colSpan || 1, MOST_COLUMNS - column));
      const height = Math.max(1, Math.min(cell.rowSpan || rows.length, rows.length - r));
      for (let dy = 0; dy < height; dy++) {
        const text = dy === 0 || cell.text.length <= LONGEST_REPEATED ? cell.text : '';
        for (let dx = 0; dx < width && slots < MOST_SLOTS; dx++, slots++)
          grid[r + dy]![column + dx] ??= { text, isHeader, isBold, isOwn: dx === 0 };
      }
      // Past the limits cells still come, but side by side.
      row[column] ??= { text: cell.text, isHeader, isBold, isOwn: true };
      column += width;
    }
  });
  return grid;
}

/** The columns of a row in which a cell with text begins. */
export function ownColumns(row: Row): number[] {
  const columns: number[] = [];
  row.forEach((slot, column) => {
    if (slot?.isOwn && slot.text !== '') columns.push(column);
  });
  return columns;
}
