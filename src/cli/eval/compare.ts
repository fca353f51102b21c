const ROUNDS = 10_000;
/** Differences below this are rounding. */
const NOTHING = 1e-9;

export interface Comparison {
  /** Queries that both runs answered. */
  queries: number;
  before: number;
  after: number;
  better: number;
  worse: number;
  /** How likely a difference of means this large is when it does not matter which run an answer came from, 0 to 1. */
  p: number;
}

/**
 * Two runs over the same queries, by a figure of each query: the paired randomisation test, two-sided, which supposes
 * nothing about how the figures are distributed. The same input gives the same result.
 */
export function compareRuns(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Comparison {
  const pairs = [...before].flatMap(([id, value]) => {
    const other = after.get(id);
    return other === undefined ? [] : [[value, other] as const];
  });
  const differences = pairs.map(([one, other]) => other - one);
  const observed = Math.abs(sum(differences));
  const moving = differences.filter((difference) => Math.abs(difference) > NOTHING);
  const random = randomBits(pairs.length);
  let asLarge = 1;
  for (let round = 0; round < ROUNDS; round++) {
    let total = 0;
    for (const difference of moving) total += random() ? difference : -difference;
    if (Math.abs(total) >= observed - NOTHING) asLarge++;
  }
  const mean = (values: readonly number[]): number => (values.length ? sum(values) / values.length : 0);
  return {
    queries: pairs.length,
    before: mean(pairs.map(([one]) => one)),
    after: mean(pairs.map(([, other]) => other)),
    better: moving.filter((difference) => difference > 0).length,
    worse: moving.filter((difference) => difference < 0).length,
    p: asLarge / (ROUNDS + 1),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function randomBits(seed: number): () => boolean {
  let state = (seed + 0x9e3779b9) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) & 1) === 1;
  };
}
