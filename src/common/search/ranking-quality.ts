/** Judged documents of one query: id → grade, 0 is not relevant. */
export type Judgements = ReadonlyMap<string, number>;

export interface Quality {
  ndcg10: number;
  recall10: number;
  recall100: number;
  mrr10: number;
  /** Queries with at least one relevant document; the means are over these. */
  queries: number;
}

const gain = (grade: number, rank: number): number => Math.max(0, grade) / Math.log2(rank + 2);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/**
 * Figures of one ranking as trec_eval defines them: the gain is the grade itself, discounted by the logarithm
 * of the rank, over that of the best possible order of all judged documents. `undefined` without a relevant one.
 */
export function judge(ranking: readonly string[], judged: Judgements): Omit<Quality, 'queries'> | undefined {
  const ideal = [...judged.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
  if (ideal.length === 0) return undefined;
  const grades = [...new Set(ranking)].map((id) => judged.get(id) ?? 0);
  const best = sum(ideal.slice(0, 10).map(gain));
  const recall = (ranks: number): number =>
    grades.slice(0, ranks).filter((grade) => grade > 0).length / ideal.length;
  const first = grades.slice(0, 10).findIndex((grade) => grade > 0);
  return {
    ndcg10: sum(grades.slice(0, 10).map(gain)) / best,
    recall10: recall(10),
    recall100: recall(100),
    mrr10: first < 0 ? 0 : 1 / (first + 1),
  };
}

/** Means over all queries that have a relevant document; a query without a ranking counts 0. */
export function meanQuality(
  rankings: ReadonlyMap<string, readonly string[]>,
  judgements: ReadonlyMap<string, Judgements>,
): Quality {
  return meanOf([...judgements].flatMap(([query, judged]) => judge(rankings.get(query) ?? [], judged) ?? []));
}

/** Means of the figures of single queries; 0 of none. */
export function meanOf(figures: readonly Omit<Quality, 'queries'>[]): Quality {
  const mean = (pick: (figure: Omit<Quality, 'queries'>) => number): number =>
    figures.length ? sum(figures.map(pick)) / figures.length : 0;
  return {
    ndcg10: mean((f) => f.ndcg10),
    recall10: mean((f) => f.recall10),
    recall100: mean((f) => f.recall100),
    mrr10: mean((f) => f.mrr10),
    queries: figures.length,
  };
}

/** The smallest value that at least the share `p` of all values does not exceed; NaN of none. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}
