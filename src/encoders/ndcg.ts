const RANKS = 10;
const gain = (grade: number, rank: number): number => Math.max(0, grade) / Math.log2(rank + 2);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** nDCG@10 as trec_eval has it: gains are the grades, over those of the best possible order; 0 without a relevant one. */
export function ndcgAt10(ranking: readonly string[], relevant: Readonly<Record<string, number>>): number {
  const ideal = Object.values(relevant).toSorted((a, b) => b - a);
  const best = sum(ideal.slice(0, RANKS).map(gain));
  return best > 0 ? sum(ranking.slice(0, RANKS).map((id, rank) => gain(relevant[id] ?? 0, rank))) / best : 0;
}
