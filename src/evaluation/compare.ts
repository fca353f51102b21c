import { setImmediate } from 'node:timers/promises';

const ROUNDS = 10_000;
/** Signs that are drawn before others get their turn: a few milliseconds of work. */
const DRAWN_AT_ONCE = 1_000_000;
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
 * nothing about how the figures are distributed. The same input gives the same result. Lets others work meanwhile.
 */
export async function compareRuns(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Promise<Comparison> {
  const pairs = [...before].flatMap(([id, value]) => {
    const other = after.get(id);
    return other === undefined ? [] : [[value, other] as const];
  });
  const differences = pairs.map(([one, other]) => other - one);
  const observed = Math.abs(sum(differences));
  const moving = differences.filter((difference) => Math.abs(difference) > NOTHING);
  const flip = randomFlips(pairs.length);
  const pause = Math.max(1, Math.floor(DRAWN_AT_ONCE / (moving.length + 1)));
  let asLarge = 1;
  for (let round = 1; round <= ROUNDS; round++) {
    if (Math.abs(flip(moving)) >= observed - NOTHING) asLarge++;
    if (round % pause === 0) await setImmediate();
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

/** The sum of the values, each with a sign by chance; 32 signs come of one draw. */
function randomFlips(seed: number): (values: readonly number[]) => number {
  let state = (seed + 0x9e3779b9) >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return mixed ^ (mixed >>> 14);
  };
  return (values) => {
    let total = 0;
    let signs = 0;
    for (let i = 0; i < values.length; i++) {
      signs = i % 32 === 0 ? draw() : signs >>> 1;
      total += signs & 1 ? values[i]! : -values[i]!;
    }
    return total;
  };
}
