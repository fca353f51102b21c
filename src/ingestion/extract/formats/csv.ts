import { CsvError, parse } from 'csv-parse/sync';
import { decodeText } from '../encoding.js';
import { ExtractError } from '../extract-error.js';
import type { ExtractedText } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText } from '../normalise.js';
import { labelledRow } from '../table-rows.js';
import { MAX_EXTRACTED_LENGTH, TextBuilder } from '../text-builder.js';

const DELIMITERS = [',', ';', '\t', '|'] as const;
const SNIFFED_LINES = 20;
const LONGEST_LABEL = 80;

/** How often each delimiter stands outside quotes in each of the first lines. */
function countDelimiters(text: string): Map<string, number[]> {
  const counts = new Map<string, number[]>(DELIMITERS.map((each) => [each, []]));
  let line = new Map<string, number>();
  let quoted = false;
  let isBlank = true;
  let lines = 0;
  for (let i = 0; i <= text.length && lines < SNIFFED_LINES; i++) {
    const char = text[i] ?? '\n';
    if (char === '"') quoted = !quoted;
    if (char === '\n' && (!quoted || i === text.length)) {
      if (!isBlank) {
        lines++;
        for (const each of DELIMITERS) counts.get(each)!.push(line.get(each) ?? 0);
      }
      line = new Map();
      isBlank = true;
      quoted = false;
    } else {
      if (char.trim() !== '') isBlank = false;
      if (!quoted && counts.has(char)) line.set(char, (line.get(char) ?? 0) + 1);
    }
  }
  return counts;
}

/** The delimiter that divides most lines alike; undefined where none divides any. */
export function delimiterOf(
  text: string,
): { delimiter: string; isEven: boolean; columns: number } | undefined {
  let best: { delimiter: string; isEven: boolean; columns: number; score: number } | undefined;
  for (const [delimiter, counts] of countDelimiters(text)) {
    const usual = counts.toSorted((a, b) => a - b)[counts.length >> 1] ?? 0;
    if (usual === 0) continue;
    const same = counts.filter((count) => count === usual).length;
    const score = same / counts.length + Math.min(usual, 20) / 1000;
    if (!best || score > best.score)
      best = { delimiter, isEven: same === counts.length, columns: usual + 1, score };
  }
  return best;
}

const isNumber = (text: string): boolean => /^[-+(]?[\p{Sc}]?\s?\d[\d.,\s%)]*$/u.test(text);

/** A first row of names above at least one other row. */
function hasHeader(rows: readonly string[][]): boolean {
  const [first, second] = rows;
  return (
    first !== undefined &&
    second !== undefined &&
    first.some((cell) => cell !== '') &&
    first.every((cell) => cell.length <= LONGEST_LABEL && !isNumber(cell))
  );
}

/** A quote that is never closed, or stands where none can, is taken for an ordinary character. */
function rowsOf(text: string, delimiter: string): string[][] {
  const parseWith = (quote: '"' | false): string[][] =>
    parse(text, {
      delimiter,
      quote,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 4_000_000,
    });
  let rows: string[][];
  try {
    rows = parseWith('"');
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    rows = parseWith(false);
  }
  return rows.map((row) => row.map((cell) => cell.replace(/\s+/g, ' ')));
}

/**
 * One line for each row, each value with the name of its column in front.
 * @throws ExtractError `document_too_large`.
 */
export function extractCsv(bytes: Uint8Array): ExtractedText {
  const text = normaliseText(decodeText(bytes));
  if (text.length > MAX_EXTRACTED_LENGTH) throw new ExtractError('document_too_large');
  const delimiter = delimiterOf(text)?.delimiter ?? ',';
  const rows = rowsOf(text, delimiter);
  const header = hasHeader(rows) ? rows[0]! : undefined;
  const out = new TextBuilder();
  if (header) out.add('table_row', labelledRow(header, []));
  for (const row of header ? rows.slice(1) : rows) out.add('table_row', labelledRow(row, header ?? []));
  return {
    text: out.toString(),
    blocks: out.blocks,
    title: null,
    mime: delimiter === '\t' ? MIME.tsv : MIME.csv,
    pages: null,
  };
}
