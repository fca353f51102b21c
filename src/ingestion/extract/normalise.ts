const LINE_ENDS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
// PostgreSQL refuses NUL; the other controls, U+FFFE and U+FFFF are noise that extractors leave behind.
// oxlint-disable-next-line no-control-regex -- removing them is the point
const NOISE = /[\0-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]/g;

/**
 * The form in which every text is stored: line feeds only, no control characters but tab and line feed, no lone
 * surrogates. Offsets into a document are offsets into this. Applying it twice changes nothing.
 */
export function normaliseText(text: string): string {
  return text.replace(LINE_ENDS, '\n').replace(NOISE, '').toWellFormed();
}

/** One line, for titles and heading paths: white space collapsed, cut at `max` code units on a whole character. */
export function oneLine(text: string, max = 500): string {
  const line = normaliseText(text.length > max * 8 ? text.slice(0, max * 8) : text)
    .replace(/\s+/g, ' ')
    .trim();
  if (line.length <= max) return line;
  return `${line
    .slice(0, max - 1)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}

/** `oneLine`, or null when nothing is left. */
export const titleOf = (text: string | null | undefined): string | null => oneLine(text ?? '') || null;

/** First part of a language tag (`en` of `en-GB`), where it is a two-letter code. */
export function languageOf(tag: string | null | undefined): string | undefined {
  return /^([a-z]{2})(?:$|[-_])/i.exec(tag?.trim() ?? '')?.[1]?.toLowerCase();
}
