import { reorder } from './reorder.js';

const passages = (...scores: number[]) => scores.map((score, i) => ({ id: `p${i}`, score, exact: 0 }));
const ids = (ranked: readonly { id: string }[]): string[] => ranked.map(({ id }) => id);
const falls = (ranked: readonly { score: number }[]): boolean =>
  ranked.every(({ score }, i) => i === 0 || score <= ranked[i - 1]!.score);

describe('reorder', () => {
  it('moves forward what the two prefer together, and leaves the rest behind', () => {
    const ranked = reorder(passages(1, 0.9, 0.8, 0.2, 0.1), [-5, 4, 3]);
    expect(ids(ranked)).toEqual(['p1', 'p0', 'p2', 'p3', 'p4']);
    expect(falls(ranked)).toBe(true);
  });

  it('does not depend on the scale of either', () => {
    const small = reorder(passages(0.9, 0.5, 0.4), [0.1, 0.3, 0.2]);
    const large = reorder(passages(90, 50, 40), [1000, 3000, 2000]);
    expect(ids(small)).toEqual(ids(large));
  });

  it('keeps in front what holds what was asked for word for word', () => {
    const [first, ...rest] = passages(3, 2, 1);
    const ranked = reorder([{ ...first!, exact: 1 }, ...rest], [-9, 5, 6]);
    expect(ids(ranked)[0]).toBe('p0');
    expect(falls(ranked)).toBe(true);
  });

  it('keeps the order where the reranker has no opinion', () => {
    expect(ids(reorder(passages(3, 2, 1), [7, 7, 7]))).toEqual(['p0', 'p1', 'p2']);
    expect(reorder([], [])).toEqual([]);
  });
});
