import { isUuidLong, joinUuids, splitUuids } from '../../common/search/uuid-bytes.js';
import type { Feedback } from '../vector.types.js';

/** Feedback on its way to the thread: what was found by words as two texts and their scores, not as many objects. */
export type HeldFeedback = Omit<Feedback, 'words'> & {
  chunkIds: string;
  documentIds: string;
  scores: Float64Array;
};

export function packFeedback({ words, ...others }: Feedback): HeldFeedback {
  const known = words.filter(({ chunkId, documentId }) => isUuidLong(chunkId) && isUuidLong(documentId));
  return {
    ...others,
    chunkIds: joinUuids(known.map(({ chunkId }) => chunkId)),
    documentIds: joinUuids(known.map(({ documentId }) => documentId)),
    scores: Float64Array.from(known, ({ score }) => score),
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
