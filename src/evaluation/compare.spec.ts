import { compareRuns } from './compare.js';

const run = (values: readonly number[]): Map<string, number> =>
  new Map(values.map((value, i) => [`q${i}`, value]));

describe('compareRuns', () => {
  it('finds nothing where nothing changed', async () => {
    const values = run([0.1, 0.5, 1]);
    expect(await compareRuns(values, values)).toMatchObject({ queries: 3, better: 0, worse: 0, p: 1 });
  });

  it('tells a steady gain from the noise of a few queries', async () => {
    const before = run(Array.from({ length: 40 }, (_, i) => (i % 5) / 10));
    const steady = run([...before.values()].map((value) => value + 0.05));
    const noisy = run([...before.values()].map((value, i) => (i === 3 ? 1 : i === 4 ? 0 : value)));
    expect(await compareRuns(before, steady)).toMatchObject({ better: 40, worse: 0 });
    expect((await compareRuns(before, steady)).p).toBeLessThan(0.001);
    expect((await compareRuns(before, noisy)).p).toBeGreaterThan(0.3);
  });

  it('agrees with all sign changes counted by hand', async () => {
    // Of the 8 ways to give three differences signs, + + + and - - - are as large as the observed one.
    const { p, before, after } = await compareRuns(run([0, 0, 0]), run([0.1, 0.2, 0.4]));
    expect(p).toBeCloseTo(2 / 8, 1);
    expect(before).toBe(0);
    expect(after).toBeCloseTo(0.7 / 3, 10);
  });

  it('compares only queries that both runs have, and survives none', async () => {
    expect(await compareRuns(run([1, 1]), new Map([['q1', 0]]))).toMatchObject({ queries: 1, worse: 1 });
    expect(await compareRuns(new Map(), new Map())).toMatchObject({ queries: 0, before: 0, after: 0 });
  });

  it('does not hold others up, however many questions there are', async () => {
    const many = run(Array.from({ length: 5000 }, (_, i) => (i % 7) / 10));
    const other = run(Array.from({ length: 5000 }, (_, i) => (i % 11) / 10));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await compareRuns(many, other);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(5);
  });
});
