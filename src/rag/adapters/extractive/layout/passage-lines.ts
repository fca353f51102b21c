import { goesOn } from '../../../../common/text/goes-on.js';
import type { Sentence } from '../../../text/sentences.js';

/** A sentence with its place among the lines of a passage. */
export interface Line {
  text: string;
  /** What stands between it and the sentence before. */
  gap: string;
  /** First, and last, of its line. */
  starts: boolean;
  ends: boolean;
  /** A blank line, or the start of the passage, stands before it. */
  opens: boolean;
  isItem: boolean;
  isRow: boolean;
}

export const LONGEST_HEADING = 80;
/** What may stand behind the mark that ends a sentence. */
export const CLOSING = String.raw`["'”’»)\]*_]*$`;
const ENDS = new RegExp(`[.!?:;,…。！？：；，؟।]${CLOSING}`, 'u');
export const NAMED_VALUE = /[\p{L}\p{N})][*_]{0,3}[:：=]\s*\S|\t/u;
export const NUMBERED = /^(?:\d{1,3}|\p{L})[.)]\s/u;
const BULLET = /(?:^|\n)[^\S\n]*[-*•–—▪·](?=\s)[^\n]*$/u;
const IN_SMALL = /(?:^|\s)\p{Ll}/u;

export function linesOf(text: string, sentences: readonly Sentence[]): Line[] {
  let last = 0;
  const lines = sentences.map(({ start, end }, i): Line => {
    const gap = text.slice(last, start);
    last = end;
    const said = text.slice(start, end);
    const starts = i === 0 || gap.includes('\n');
    return {
      text: said,
      gap,
      starts,
      ends: true,
      opens: i === 0 || /\n[^\S\n]*\n/.test(gap),
      isItem: starts && (BULLET.test(gap) || NUMBERED.test(said)),
      isRow: starts && (said.includes('|') || gap.slice(gap.lastIndexOf('\n') + 1).includes('|')),
    };
  });
  for (const [i, line] of lines.entries()) line.ends = lines[i + 1]?.starts ?? true;
  return lines;
}

/** Whether a mark ends it as a sentence; that of `Acme, Inc.` does not. */
export const isEnded = (text: string): boolean => ENDS.test(text) && !(goesOn(text) && !IN_SMALL.test(text));
