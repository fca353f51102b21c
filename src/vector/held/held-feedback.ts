import { joinUuids, splitUuids } from '../../common/search/uuid-bytes.js';
import type { Feedback } from '../vector.types.js';

/** Feedback on its way to the thread: what was found by words as two texts and their scores, not as many objects. */
export type HeldFeedback = Omit<Feedback, 'words'> & {
  chunkIds: string;
  documentIds: string;
  scores: Float64Array;
};

export function packFeedback({ words, ...others }: Feedback): HeldFeedback {
  return {
    ...others,
    chunkIds: joinUuids(words.map(({ chunkId }) => chunkId)),
    documentIds: joinUuids(words.map(({ documentId }) => documentId)),
    scores: Float64Array.from(words, ({ score }) => score),
  };
}

export function readFeedback({ chunkIds, documentIds, scores, ...others }: HeldFeedback): Feedback {
  const documents = splitUuids(documentIds);
  const words = splitUuids(chunkIds).map((chunkId, i) => ({
    chunkId,
    documentId: documents[i]!,
    score: scores[i]!,
  }));
  return { ...others, words };
}
