import type { PdfLine } from './pdf-layout.js';

/** Stands in a line for the hyphen at which a line ended. No text of a PDF holds it. */
export const LINE_HYPHEN = '\u0002';

const LONGEST_PART = 40;
const LAST_PART = /[\p{L}\p{M}\p{N}]+$/u;
const FIRST_PART = /^[\p{L}\p{M}\p{N}]+/u;
const WITH_HYPHEN = /[\p{L}\p{M}]{1,40}[-\u2010\u2011](?=([\p{L}\p{M}]{1,40}))/gu;

/** The end of a divided word, with the space behind it. */
const WORD_END = /^(\S{1,80}) /u;

const CAPITALS = /^\p{Lu}{2,}$/u;
const CASED = /\p{Lu}|\p{Lt}|\p{N}/u;

const keyOf = (first: string, second: string): string => `${first}-${second}`.toLowerCase();

/** Words that have a hyphen in the middle of a line, in pairs of their parts. */
function writtenWithHyphen(pages: readonly PdfLine[][]): Set<string> {
  const written = new Set<string>();
  for (const { text } of pages.flat())
    for (const { 0: first, 1: second } of text.matchAll(WITH_HYPHEN))
      written.add(keyOf(first.slice(0, -1), second ?? ''));
  return written;
}

/** Whether the hyphen only divides a word: its own stands before capitals, digits and single letters. */
function isDivision(first: string, second: string, written: ReadonlySet<string>): boolean {
  if (first.length < 2 || second.length < 2 || written.has(keyOf(first, second))) return false;
  if (CAPITALS.test(first) && CAPITALS.test(second)) return true;
  return !CASED.test(first.at(-1)!) && !CASED.test(second[0]!);
}

function settle(text: string, written: ReadonlySet<string>): string {
  const [head = '', ...rest] = text.split(LINE_HYPHEN);
  const parts = [head];
  let before = head;
  for (const after of rest) {
    const first = LAST_PART.exec(before.slice(-LONGEST_PART))?.[0] ?? '';
    const second = FIRST_PART.exec(after.slice(0, LONGEST_PART))?.[0] ?? '';
    // The line ends behind the word, so that both lines are about as wide as they were.
    parts.push(isDivision(first, second, written) ? '' : '-', after.replace(WORD_END, '$1\n'));
    before = after;
  }
  return parts.join('');
}

/** The lines with every divided word in one piece, and with the hyphens that belong to a word. */
export function settleHyphens(pages: readonly PdfLine[][]): PdfLine[][] {
  const written = writtenWithHyphen(pages);
  return pages.map((lines) => lines.map((line) => ({ ...line, text: settle(line.text, written) })));
}
