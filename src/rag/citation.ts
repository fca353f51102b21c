import type { AnswerPassage, Citation } from './answer.types.js';
import type { QuoteSpan } from './cite.js';

/** The citation of a stretch of a passage, in the passage's own words. Both answerers build theirs here. */
export const citationOf = (
  passage: AnswerPassage,
  { start, end }: QuoteSpan = { start: 0, end: passage.text.length },
): Omit<Citation, 'n'> => ({
  documentId: passage.documentId,
  docId: passage.docId,
  chunkId: passage.chunkId,
  title: passage.title,
  page: passage.page,
  charStart: passage.charStart + start,
  charEnd: passage.charStart + end,
  quote: passage.text.slice(start, end),
  verified: true,
});
