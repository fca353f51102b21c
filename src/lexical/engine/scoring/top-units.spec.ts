import { TopUnits } from './top-units.js';

/** Numbers below `below` that are the same in each run. */
function seeded(seed: number): (below: number) => number {
  return (below) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
}

describe('the best units', () => {
  // Units with even numbers come before those with odd ones, whatever their size.
  const rank = (unit: number): number => (unit % 2) * 1e6 + unit;
  const top = new TopUnits((a, b) => rank(a) < rank(b));

  function best(scores: readonly number[], size: number): number[] {
    top.begin(size);
    scores.forEach((score, unit) => {
      if (score >= top.least) top.take(unit, score);
    });
    top.end();
    return [...top.units.subarray(0, top.count)].sort((a, b) => a - b);
  }

  const expected = (scores: readonly number[], size: number): number[] =>
    scores
      .map((_, unit) => unit)
      .filter((unit) => scores[unit]! > 0)
      .sort((a, b) => scores[b]! - scores[a]! || rank(a) - rank(b))
      .slice(0, size)
      .sort((a, b) => a - b);

  it.each([1, 7, 200, 700, 5000])('are the first %d of all in order', (size) => {
    const random = seeded(size);
    for (const kinds of [1, 2, 30, 1e9])
      for (const count of [0, 3, 1023, 1024, 1025, 6000]) {
        const scores = Array.from({ length: count }, () => random(kinds + 1));
        expect(best(scores, size)).toEqual(expected(scores, size));
        const rising = [...scores].sort((a, b) => a - b);
        expect(best(rising, size)).toEqual(expected(rising, size));
        const falling = rising.toReversed();
        expect(best(falling, size)).toEqual(expected(falling, size));
      }
  });

  it('carry their scores', () => {
    const scores = [0.5, 0, 3.25, 2];
    best(scores, 2);
    expect([...top.units.subarray(0, top.count)].map((unit, i) => [unit, top.scores[i]])).toEqual(
      expect.arrayContaining([
        [2, 3.25],
        [3, 2],
      ]),
    );
  });
});
