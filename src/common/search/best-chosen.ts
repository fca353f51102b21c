/** Deeper an index does not rank for a choice that it knows nothing of: to name what is chosen costs less. */
export const MOST_RANKED = 4000;

const DEEPER = 4;

interface Choosing<Hit> {
  topK: number;
  /** How many are ranked at first. */
  depth: number;
  /** How many are ranked at most, but for the first time. */
  most: number;
  /** The best so many, chosen or not; fewer only where there are no more. */
  rank: (depth: number) => Promise<Hit[]>;
  /** Those that are chosen, in the same order. */
  choose: (ranked: readonly Hit[]) => Promise<Hit[]>;
}

/**
 * The best `topK` that somebody else chooses than who ranks them: deeper until there are enough.
 * @returns undefined where more than `most` would have to be ranked for it
 */
export async function bestChosen<Hit>(choosing: Choosing<Hit>): Promise<Hit[] | undefined> {
  const { topK, most } = choosing;
  for (let { depth } = choosing; ; depth *= DEEPER) {
    const ranked = await choosing.rank(depth);
    const chosen = await choosing.choose(ranked);
    if (chosen.length >= topK || ranked.length < depth) return chosen.slice(0, topK);
    if (depth * DEEPER > most) return undefined;
  }
}
