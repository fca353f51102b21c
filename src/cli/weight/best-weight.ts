/** Shares of the words' vote that are tried. */
export const WEIGHTS = Array.from({ length: 21 }, (_, i) => Math.round(i * 5) / 100);

/** As good as the best: smaller differences are chance on collections of some hundred queries. */
const FLAT = 0.002;

/** nDCG@10 of one collection for each of `WEIGHTS`. */
export interface Curve {
  name: string;
  ndcg: number[];
}

/**
 * The middle of the flat top of the mean over all collections, each counting the same: the very best point of some
 * hundred queries is chance, the middle of what is as good is not.
 */
export function bestWeight(curves: readonly Curve[]): { weight: number; from: number; to: number } {
  const means = WEIGHTS.map(
    (_, i) => curves.reduce((sum, curve) => sum + (curve.ndcg[i] ?? 0), 0) / curves.length,
  );
  const top = means.indexOf(Math.max(...means));
  const isFlat = (i: number): boolean => (means[i] ?? -1) >= (means[top] ?? 0) - FLAT;
  let [first, last] = [top, top];
  while (isFlat(first - 1)) first--;
  while (isFlat(last + 1)) last++;
  return {
    weight: WEIGHTS[Math.round((first + last) / 2)] ?? 0,
    from: WEIGHTS[first] ?? 0,
    to: WEIGHTS[last] ?? 1,
  };
}
