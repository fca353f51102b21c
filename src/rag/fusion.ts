/** What both retrievers say about one candidate; undefined where one of them could not tell. */
export interface Candidate {
  id: string;
  /** Cosine similarity, -1 to 1. */
  dense: number | undefined;
  /** BM25, 0 where no term matches. */
  lexical: number | undefined;
}

export interface Scored {
  id: string;
  score: number;
}

/**
 * Share of the lexical score. Measured on SciFact and Cranfield with best-chunk cosine and document BM25, both
 * standardised over the union: 0.4 is the flat top of the curve.
 */
export const LEXICAL_WEIGHT = 0.4;

/** Mean 0 and deviation 1 over the values that are there; a missing one is neutral, not bad. */
function standardise(values: readonly (number | undefined)[]): number[] {
  const known = values.filter((value) => value !== undefined);
  const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
  const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
  const deviation = Math.sqrt(variance);
  return values.map((value) => (value === undefined || deviation === 0 ? 0 : (value - mean) / deviation));
}

/**
 * Convex combination of both scores, each standardised over the union of candidates: independent of an
 * encoder's score scale. Best first, ties by id.
 */
export function fuse(candidates: readonly Candidate[], lexicalWeight = LEXICAL_WEIGHT): Scored[] {
  const dense = standardise(candidates.map((candidate) => candidate.dense));
  const lexical = standardise(candidates.map((candidate) => candidate.lexical));
  return candidates
    .map(({ id }, i) => ({
      id,
      score: (1 - lexicalWeight) * (dense[i] ?? 0) + lexicalWeight * (lexical[i] ?? 0),
    }))
    .sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1));
}
