import { standardise } from '../../common/search/standardise.js';

/** What both retrievers say about one candidate; undefined where one of them could not tell. */
export interface Candidate {
  id: string;
  /** Cosine similarity, -1 to 1. */
  dense: number | undefined;
  /** BM25, 0 where no term matches. */
  lexical: number | undefined;
  /** Set by ranking. */
  score: number;
}

const FUSION_METHODS = ['convex', 'rrf'] as const;
export type FusionMethod = (typeof FUSION_METHODS)[number];

/**
 * Share of the lexical score where the encoder names no other. Measured with best-chunk cosine and document BM25,
 * both standardised over the union: 0.4 is on the flat top of the curve for every encoder and collection tried
 * (`node bench/lab/ablation.mjs`).
 */
export const LEXICAL_WEIGHT = 0.4;
/** As Cormack et al. have it: ranks near the top differ little. */
const RRF_K = 60;

/** 1 / (k + rank), equal values sharing their best rank; nothing for what is missing or, by words, matches nothing. */
function reciprocalRanks(
  values: readonly (number | undefined)[],
  isHit: (value: number) => boolean,
): number[] {
  const sorted = values.filter((value) => value !== undefined && isHit(value)).sort((a, b) => b! - a!);
  const rankOf = new Map<number, number>();
  sorted.forEach((value, i) => rankOf.has(value!) || rankOf.set(value!, i + 1));
  return values.map((value) => {
    const rank = value === undefined ? undefined : rankOf.get(value);
    return rank === undefined ? 0 : 1 / (RRF_K + rank);
  });
}

/**
 * Convex combination of both scores. `convex`: each is standardised over the union of candidates, which makes it
 * independent of an encoder's score scale. `rrf`: of their reciprocal ranks. Sets the score of each and sorts them in
 * place, best first, ties by id.
 */
export function fuse<Unit extends Candidate>(
  candidates: Unit[],
  lexicalWeight = LEXICAL_WEIGHT,
  method: FusionMethod = 'convex',
): Unit[] {
  const denseScores = candidates.map((candidate) => candidate.dense);
  const lexicalScores = candidates.map((candidate) => candidate.lexical);
  const dense = method === 'rrf' ? reciprocalRanks(denseScores, () => true) : standardise(denseScores);
  const lexical =
    method === 'rrf' ? reciprocalRanks(lexicalScores, (score) => score > 0) : standardise(lexicalScores);
  candidates.forEach((candidate, i) => {
    candidate.score = (1 - lexicalWeight) * (dense[i] ?? 0) + lexicalWeight * (lexical[i] ?? 0);
  });
  return candidates.sort(bestFirst);
}

/** By score, ties by id. A difference of scores would be an object for each comparison. */
export function bestFirst(a: Candidate, b: Candidate): number {
  if (a.score !== b.score) return a.score > b.score ? -1 : 1;
  return a.id < b.id ? -1 : 1;
}
