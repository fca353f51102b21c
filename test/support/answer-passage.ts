import type { AnswerPassage } from '../../src/rag/answer.types.js';

/** A passage that is all of its document. */
export const answerPassage = (text: string, extra: Partial<AnswerPassage> = {}): AnswerPassage => ({
  chunkId: text,
  documentId: 'document',
  docId: 'document',
  title: null,
  page: null,
  text,
  charStart: 0,
  charEnd: text.length,
  score: 1,
  ...extra,
});
