import { bestWeight, WEIGHTS } from './best-weight.js';

const hill = (top: number, height = 1): number[] => WEIGHTS.map((weight) => height - (weight - top) ** 2);

describe('bestWeight', () => {
  test('is the top of a hill', () => {
    expect(bestWeight([{ name: 'a', ndcg: hill(0.4) }])).toEqual({ weight: 0.4, from: 0.4, to: 0.4 });
  });

  test('is the middle of what is as good, not its highest point', () => {
    const ndcg = WEIGHTS.map((weight): number => (weight >= 0.2 && weight <= 0.6 ? 0.7 : 0.5));
    ndcg[WEIGHTS.indexOf(0.55)] = 0.7015;
    expect(bestWeight([{ name: 'a', ndcg }])).toEqual({ weight: 0.4, from: 0.2, to: 0.6 });
  });

  test('lets each collection count the same, whatever its level', () => {
    const curves = [
      { name: 'a', ndcg: hill(0.2, 0.4) },
      { name: 'b', ndcg: hill(0.6, 1) },
    ];
    expect(bestWeight(curves).weight).toBe(0.4);
  });

  test('may be an end', () => {
    expect(bestWeight([{ name: 'a', ndcg: hill(1) }])).toMatchObject({ weight: 1, to: 1 });
    expect(bestWeight([{ name: 'a', ndcg: hill(0) }])).toMatchObject({ weight: 0, from: 0 });
  });
});
