import { decodeText } from '../encoding.js';
import type { ExtractedText, TextBlock } from '../extract.types.js';
import { MIME } from '../mime.js';
import { normaliseText } from '../normalise.js';

/** Source code as it stands; what blank lines part, such as functions, are blocks of their own. */
export function extractCode(bytes: Uint8Array): ExtractedText {
  const text = normaliseText(decodeText(bytes));
  const blocks: TextBlock[] = [];
  let open: TextBlock | undefined;
  for (let start = 0; start <= text.length;) {
    const feed = text.indexOf('\n', start);
    const lineEnd = feed < 0 ? text.length : feed;
    const line = text.slice(start, lineEnd).trimEnd();
    if (line === '') {
      open = undefined;
    } else if (open) {
      open.end = start + line.length;
    } else {
      open = { kind: 'code', start, end: start + line.length };
      blocks.push(open);
    }
    start = lineEnd + 1;
  }
  return { text, blocks, title: null, mime: MIME.code, pages: null };
}
