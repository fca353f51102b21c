/** Longest mark there is: `[999]`. */
const LONGEST = 5;
const MARK = /\[(\d{1,3})\]$/;

/**
 * The mark that a text ends with, and where it begins with the blanks before it. Looks at nothing but the end: a model's
 * text may be long and is asked piece by piece.
 */
export function closingMark(text: string): { n: number; start: number } | null {
  if (!text.endsWith(']')) return null;
  const found = MARK.exec(text.slice(-LONGEST));
  if (!found) return null;
  return { n: Number(found[1]), start: text.slice(0, -found[0].length).search(BLANKS_AT_END) };
}

/** Each run of blanks is read once: it is begun nowhere but at its beginning. */
const BLANKS_AT_END = /(?:(?<![ \t])[ \t]+)?$/;

/** A text without the blanks at its end. */
export const withoutBlanks = (text: string): string => text.slice(0, text.search(BLANKS_AT_END));
