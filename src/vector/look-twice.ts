import { feedbackPassages, movedTowards } from './feedback.js';
import type { VectorStore } from './vector-store.port.js';
import type { Feedback, VectorHit, VectorIndex, VectorQuery } from './vector.types.js';

/** `queryTwice` of a store that has nothing quicker: by its other calls. */
export async function lookTwice(
  store: Pick<VectorStore, 'query' | 'vectors'>,
  index: VectorIndex,
  vector: Float32Array,
  feedback: Feedback,
  query: VectorQuery,
): Promise<VectorHit[]> {
  const include = feedback.words.map(({ chunkId }) => chunkId);
  const first = await store.query(index, vector, { ...query, topK: feedback.topK, include });
  const vectors = await store.vectors(index, feedbackPassages(first, feedback));
  return store.query(index, movedTowards(vector, [...vectors.values()], feedback.share), query);
}
