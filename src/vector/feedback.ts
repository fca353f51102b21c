import { standardise } from '../common/search/standardise.js';
import type { Feedback, VectorHit } from './vector.types.js';

/** The best passages of the best documents of a first look; their vectors are what the query's is moved towards. */
export function feedbackPassages(
  hits: readonly Pick<VectorHit, 'chunkId' | 'documentId' | 'distance'>[],
  { words, others, wordsWeight, documents }: Feedback,
): string[] {
  const best = new Map<string, (typeof hits)[number]>();
  for (const hit of hits)
    if (hit.distance < (best.get(hit.documentId)?.distance ?? Infinity)) best.set(hit.documentId, hit);
  const scores = new Map<string, number>();
  for (const { documentId, score } of words)
    scores.set(documentId, Math.max(score, scores.get(documentId) ?? 0));
  const candidates = [...best.values()];
  const near = standardise(candidates.map(({ distance }) => -distance));
  const alike = standardise(candidates.map(({ documentId }) => scores.get(documentId) ?? others));
  return candidates
    .map(({ chunkId }, i) => ({
      chunkId,
      score: (1 - wordsWeight) * near[i]! + wordsWeight * alike[i]!,
    }))
    .sort((a, b) => (a.score === b.score ? (a.chunkId < b.chunkId ? -1 : 1) : a.score > b.score ? -1 : 1))
    .slice(0, documents)
    .map(({ chunkId }) => chunkId);
}

/** The vector with `share` of the mean of others added, each at length 1. */
export function movedTowards(
  vector: Float32Array,
  others: readonly Float32Array[],
  share: number,
): Float32Array {
  const moved = vector.slice();
  for (const other of others) {
    const factor = share / others.length / Math.sqrt(other.reduce((sum, value) => sum + value * value, 0));
    for (let i = 0; i < moved.length; i++) moved[i]! += factor * other[i]!;
  }
  return moved;
}
