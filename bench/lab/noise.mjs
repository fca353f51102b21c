// Embeddings of a collection as another batch would have made them: passages that are embedded together share a scale of
// quantisation, so two embeddings of one text have a cosine of about 0.997.
import { seeded } from '../lib/made-index.mjs';

/** Length of what is added to a vector of length 1. */
const NOISE = 0.058;

/** Normally distributed, by Box and Muller. */
const normal = (random) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** @param number of the embedding; 0 is the one that was made. */
export function embeddingOf(collection, number) {
  if (number === 0) return collection;
  const random = seeded(number);
  const again = (vector) => {
    const moved = vector.map((value) => value + (NOISE / Math.sqrt(vector.length)) * normal(random));
    const length = Math.hypot(...moved);
    return moved.map((value) => value / length);
  };
  const queries = collection.queries.map((query) => ({ ...query, vector: again(query.vector) }));
  return { ...collection, vectors: collection.vectors.map(again), queries };
}
