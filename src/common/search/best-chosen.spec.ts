import { bestChosen } from './best-chosen.js';

describe('bestChosen', () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => i);

  /** Of a thousand numbers, ranked from 0 on. */
  async function best(
    topK: number,
    isChosen: (n: number) => boolean,
    most = Infinity,
  ): Promise<{ found: number[] | undefined; depths: number[] }> {
    const depths: number[] = [];
    const found = await bestChosen({
      topK,
      depth: 2 * topK,
      most,
      rank: (depth) => {
        depths.push(depth);
        return Promise.resolve(numbers.slice(0, depth));
      },
      choose: (ranked) => Promise.resolve(ranked.filter(isChosen)),
    });
    return { found, depths };
  }

  test('goes deeper until enough is chosen, or nothing is left', async () => {
    expect(await best(3, (n) => n < 9)).toEqual({ found: [0, 1, 2], depths: [6] });
    expect(await best(3, (n) => n >= 20)).toEqual({ found: [20, 21, 22], depths: [6, 24] });
    expect(await best(3, (n) => n === 999)).toEqual({ found: [999], depths: [6, 24, 96, 384, 1536] });
  });

  test('gives up before it is deeper than it may be, and ranks once in any case', async () => {
    expect(await best(3, (n) => n >= 500, 400)).toEqual({ found: undefined, depths: [6, 24, 96, 384] });
    expect(await best(3, (n) => n >= 90, 400)).toEqual({ found: [90, 91, 92], depths: [6, 24, 96] });
    expect(await best(300, (n) => n < 350, 400)).toMatchObject({ depths: [600] });
  });
});
