import type { ExtractedText } from '../extract/extract.types.js';
import { markdownBlocks } from '../extract/formats/markdown.js';
import { plainBlocks } from '../extract/formats/text.js';
import { MIME } from '../extract/mime.js';
import { normaliseText } from '../extract/normalise.js';

const SAMPLE = 64 * 1024;
const HEADING = /^#{1,6} +\S/gm;
/** Marks that prose, logs and scripts do not have together with `#` lines. */
const OTHER_MARKS = [
  /^(?:```|~~~)/m,
  /^ {0,3}[-*+] +\S/m,
  /\[[^[\]\n]+\]\([^()\s]+\)/,
  /\*\*[^*\n]+\*\*/,
  /^\|.+\|\s*$/m,
  /^ {0,3}\d+\. +\S/m,
  /^> /m,
];
const SHEBANG = /^#!/;

/** A `#` line may be a comment of a script: it counts as a heading in a text that has more of Markdown. */
function looksLikeMarkdown(text: string): boolean {
  const sample = text.slice(0, SAMPLE);
  if (SHEBANG.test(sample)) return false;
  const headings = [...sample.matchAll(HEADING)];
  if (headings.length === 0)
    return /^(?:```|~~~)/m.test(sample) || /^\|(?:[ :]*-+[ :]*\|)+\s*$/m.test(sample);
  const apart = headings.filter(({ 0: mark, index }) => {
    const end = sample.indexOf('\n', index + mark.length);
    const blankBelow = end < 0 || sample[end + 1] === '\n' || end + 1 === sample.length;
    return index === 0 || (blankBelow && sample.startsWith('\n\n', index - 2));
  });
  return apart.length * 2 > headings.length || OTHER_MARKS.some((mark) => mark.test(sample));
}

/**
 * Structure of a text that came without a file: Markdown where it looks like it, else paragraphs and lists. The
 * text is normalised first; everything is pure and quick, so no child process is needed.
 */
export function readPlainText(raw: string): ExtractedText {
  const text = normaliseText(raw);
  if (looksLikeMarkdown(text)) return { text, ...markdownBlocks(text), mime: MIME.markdown, pages: null };
  return { text, blocks: plainBlocks(text), title: null, mime: MIME.text, pages: null };
}
