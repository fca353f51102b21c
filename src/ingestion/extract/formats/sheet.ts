import type * as Xlsx from '@e965/xlsx';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { titleOf } from '../normalise.js';
import { TextBuilder } from '../text-builder.js';
import { readRegions, type SheetRow } from './sheet-regions.js';
import { sheetJs } from './sheetjs.js';
import { checkZip, readEntry } from './zip-guard.js';

const MOST_CELLS = 3_000_000;
/** Of a sheet in any of these formats; what lies beyond comes from damage. */
const MOST_ROWS = 1_048_576;
const MOST_COLUMNS = 16_384;
const MOST_MERGED_CELLS = 100_000;
const EXPONENT = /^-?\d(?:\.\d+)?E\+\d+$/;

function parse(bytes: Uint8Array, strict: boolean): Xlsx.WorkBook {
  return sheetJs().read(bytes, {
    type: 'buffer',
    dense: true,
    WTF: strict,
    cellFormula: false,
    cellHTML: false,
    // Needed for hidden rows.
    cellStyles: true,
    dateNF: 'yyyy-mm-dd',
  });
}

/**
 * Strictly first: what cannot be read is an error then, not a sheet that is silently missing. But a format or a style
 * that the library does not know is one too. Read without that, a sheet of which anything is missing, be it a text of
 * the common table, is missing as a whole.
 */
function read(bytes: Uint8Array): Xlsx.WorkBook {
  try {
    return parse(bytes, true);
  } catch (error) {
    if (error instanceof RangeError) throw error;
    const message = error instanceof Error ? error.message : '';
    if (/password|encrypt/i.test(message)) throw new ExtractError('document_encrypted');
    try {
      const book = parse(bytes, false);
      if (book.SheetNames.length > 0 && book.SheetNames.every((name) => book.Sheets[name])) return book;
    } catch (again) {
      if (again instanceof RangeError) throw again;
    }
    throw new ExtractError('document_corrupt');
  }
}

/** With the signs in quotes that the library knows only there. */
const quoted = (format: string): string =>
  format.replace(/"[^"]*"?|\\.|\[[^\]]*\]|[^\p{ASCII}]+/gu, (part) =>
    /^[^\p{ASCII}]/u.test(part) ? `"${part}"` : part,
  );

/** A value whose own format could not be read. */
function unformatted({ t, v, z }: Xlsx.CellObject): string {
  if (v === undefined || v === null) return '';
  if (t !== 'n' || typeof z !== 'string') return String(v);
  try {
    return sheetJs().SSF.format(quoted(z), v) as string;
  } catch {
    return String(v);
  }
}

/** A cell as its program shows it; a long number in full. */
function shown(cell: Xlsx.CellObject): string {
  const text =
    cell.t === 'n' && cell.w !== undefined && EXPONENT.test(cell.w)
      ? String(cell.v)
      : (cell.w ?? unformatted(cell));
  const comments = (cell.c ?? []).map((comment) => comment.t?.trim() ?? '').filter((each) => each !== '');
  const value = text.replace(/\s+/g, ' ').trim();
  return comments.length === 0
    ? value
    : `${value} (comment: ${comments.join('; ').replace(/\s+/g, ' ')})`.trim();
}

/** Repeats a merged cell's value down the rows that it covers, so that each row says what it belongs to. */
function fillMerges(rows: Map<number, SheetRow>, merges: readonly Xlsx.Range[]): void {
  let filled = 0;
  for (const { s, e } of merges) {
    const value = rows.get(s.r)?.values[s.c];
    if (!value || value.length > 200) continue;
    for (let r = s.r + 1; r <= e.r && filled < MOST_MERGED_CELLS; r++, filled++) {
      const row = rows.get(r);
      if (!row || row.values[s.c]) continue;
      row.values[s.c] = value;
      row.isText[s.c] = rows.get(s.r)?.isText[s.c] === true;
    }
    const first = rows.get(s.r);
    for (let c = s.c + 1; c <= e.c && filled < MOST_MERGED_CELLS; c++, filled++)
      (first!.spans ??= {})[c] = value;
  }
}

/** Only cells that exist are visited: a sheet may claim a billion. */
function rowsOf(sheet: Xlsx.WorkSheet, budget: { cells: number }): SheetRow[] {
  const data = (sheet['!data'] ?? []) as ((Xlsx.CellObject | undefined)[] | undefined)[];
  const rows = new Map<number, SheetRow>();
  // By their keys: an array that only claims to be long is not walked through.
  for (const key of Object.keys(data)) {
    const r = Number(key);
    const cells = data[r];
    if (!cells || r >= MOST_ROWS) continue;
    const row: SheetRow = {
      index: r,
      values: [],
      isText: [],
      isHidden: sheet['!rows']?.[r]?.hidden === true,
    };
    for (const column of Object.keys(cells)) {
      const c = Number(column);
      const cell = cells[c];
      if (!cell || c >= MOST_COLUMNS) continue;
      if (cell.t === 'z' || (cell.t === 'e' && cell.w === undefined)) continue;
      if (++budget.cells > MOST_CELLS) throw new ExtractError('document_too_large');
      const value = shown(cell);
      if (value === '') continue;
      row.values[c] = value;
      row.isText[c] = cell.t === 's';
    }
    if (row.values.length > 0) rows.set(r, row);
  }
  fillMerges(rows, sheet['!merges'] ?? []);
  return [...rows.values()];
}

function extractBook(bytes: Uint8Array, mime: string): ExtractedText {
  const book = read(bytes);
  const out = new TextBuilder();
  const budget = { cells: 0 };
  const single = book.SheetNames.length === 1;
  book.SheetNames.forEach((name, i) => {
    const sheet = book.Sheets[name];
    if (!sheet) throw new ExtractError('document_corrupt');
    const page = i + 1;
    const rows = rowsOf(sheet, budget);
    const hidden = (book.Workbook?.Sheets?.[i]?.Hidden ?? 0) > 0;
    if (rows.length === 0 && single) return;
    out.add('heading', `${name}${hidden ? ' (hidden sheet)' : ''}`, { level: 1, page });
    for (const { kind, text } of readRegions(rows)) out.add(kind, text, { page });
  });
  const hasContent = out.blocks.some((block) => block.kind !== 'heading');
  if (!hasContent) throw new ExtractError('document_no_text');
  return {
    text: out.toString(),
    blocks: out.blocks,
    title: titleOf(book.Props?.Title),
    mime,
    pages: book.SheetNames.length,
  };
}

/**
 * Sheets with their names, each cell with the name of its column, dates and numbers as they are shown. Hidden
 * sheets and rows are marked as such. A sheet's number is its page.
 * @throws ExtractError `document_encrypted`, `document_corrupt`, `document_too_large`, `document_no_text`.
 */
export async function extractXlsx(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  return extractBook(bytes, MIME.xlsx);
}

/** The binary workbook in a zip. @throws as `extractXlsx`. */
export async function extractXlsb(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  return extractBook(bytes, MIME.xlsb);
}

/** Excel 97 to 2003. @throws as `extractXlsx`. */
export function extractXls(bytes: Uint8Array): ExtractedText {
  return extractBook(bytes, MIME.xls);
}

/** Spreadsheets of LibreOffice. @throws as `extractXlsx`. */
export async function extractOds(bytes: Uint8Array): Promise<ExtractedText> {
  await checkZip(bytes);
  const manifest = await readEntry(bytes, 'META-INF/manifest.xml');
  if (manifest?.includes('encryption-data')) throw new ExtractError('document_encrypted');
  return extractBook(bytes, MIME.ods);
}
