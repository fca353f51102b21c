import { decodeText } from '../encoding.js';
import type { ExtractedText, TextBlock } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText } from '../normalise.js';

const LIST_ITEM = /^[ \t]*(?:[-*+•‣◦▪–]|\(?(?:\d{1,3}|[a-z])[.)])[ \t]+\S/;

/** Paragraphs end at blank lines; a line that begins like a list item starts one of its own. */
export function plainBlocks(text: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let open: TextBlock | undefined;
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf('\n', start);
    const lineEnd = feed < 0 ? text.length : feed;
    const line = text.slice(start, lineEnd);
    const trimmed = line.trimEnd();
    if (trimmed.trimStart() === '') {
      open = undefined;
    } else {
      const isItem = LIST_ITEM.test(trimmed);
      const from = start + (line.length - line.trimStart().length);
      if (open === undefined || isItem) {
        open = { kind: isItem ? 'list_item' : 'paragraph', start: from, end: from };
        blocks.push(open);
      }
      open.end = start + trimmed.length;
    }
    start = lineEnd + 1;
  }
  return blocks;
}

export function extractText(bytes: Uint8Array): ExtractedText {
  const text = normaliseText(decodeText(bytes));
  return { text, blocks: plainBlocks(text), title: null, mime: MIME.text, pages: null };
}
