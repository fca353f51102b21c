import { pageAt } from '../../common/page-starts.js';
import type { AnswerPassage, Citation } from '../answer.types.js';
import type { QuoteSpan } from './cite.js';

/** What stands in a text like a mark of ours: `[2]`, `[1, 3]`. No answer has a thousand citations. */
const LIKE_A_MARK = /\[(\s*[1-9]\d{0,2}(?:\s*[,;]\s*\d{1,3})*\s*)\]/g;

/**
 * A text whose own numbers in brackets, such as references of a paper, are in parentheses: in an answer they would pass
 * for citations that were checked.
 */
export const withoutMarks = (text: string): string => text.replace(LIKE_A_MARK, '($1)');

/** The citation of a stretch of a passage, in the passage's own words. Both answerers build theirs here. */
export const citationOf = (
  passage: AnswerPassage,
  { start, end }: QuoteSpan = { start: 0, end: passage.text.length },
): Omit<Citation, 'n'> => ({
  documentId: passage.documentId,
  docId: passage.docId,
  chunkId: passage.chunkId,
  title: passage.title,
  page: pageAt(passage.pageStarts, passage.charStart + start, passage.page),
  charStart: passage.charStart + start,
  charEnd: passage.charStart + end,
  quote: passage.text.slice(start, end),
  verified: true,
});
