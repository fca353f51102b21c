import { standardise } from '../../common/search/standardise.js';

interface Ranked {
  score: number;
  /** What holds more of what was asked for word for word stays in front. */
  exact: number;
}

/** As much as the ranking before: neither knows everything. */
const OPINION = 0.5;

/**
 * Puts the first passages into the order of a convex combination of their scores and those of a reranker, both
 * standardised over them, as fusion does. The others follow as they were. Scores go on falling from first to last.
 */
export function reorder<T extends Ranked>(passages: readonly T[], opinions: readonly number[]): T[] {
  const judged = passages.slice(0, opinions.length);
  const before = standardise(judged.map((passage) => passage.score));
  const opinion = standardise(opinions);
  const first = judged
    .map((passage, i) => ({
      ...passage,
      score: (1 - OPINION) * (before[i] ?? 0) + OPINION * (opinion[i] ?? 0),
    }))
    .sort((a, b) => b.exact - a.exact || b.score - a.score);
  const lowest = Math.min(...first.map((passage) => passage.score));
  // One span for each step down in exactness: the score says what the order says.
  const span = 1 + Math.max(...first.map((passage) => passage.score)) - lowest;
  const least = Math.min(...first.map((passage) => passage.exact));
  for (const passage of first) passage.score += (passage.exact - least) * span;
  const shift = lowest - (judged.at(-1)?.score ?? 0);
  return [
    ...first,
    ...passages.slice(judged.length).map((passage) => ({ ...passage, score: passage.score + shift })),
  ];
}
