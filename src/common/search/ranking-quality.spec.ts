import { judge, meanQuality, percentile } from './ranking-quality.js';

describe('judge', () => {
  const judged = new Map([
    ['a', 2],
    ['b', 1],
    ['c', 0],
  ]);

  it('is 1 for the best possible order', () => {
    expect(judge(['a', 'b', 'x'], judged)).toEqual({ ndcg10: 1, recall10: 1, recall100: 1, mrr10: 1 });
  });

  it('discounts the grade by the logarithm of the rank', () => {
    // (1/log2(2) + 2/log2(4)) / (2/log2(2) + 1/log2(3))
    const expected = (1 / 1 + 2 / 2) / (2 / 1 + 1 / Math.log2(3));
    expect(judge(['b', 'x', 'a'], judged)?.ndcg10).toBeCloseTo(expected, 10);
  });

  it('takes a document once, and a judged but not relevant one for nothing', () => {
    expect(judge(['c', 'b', 'b', 'a'], judged)).toEqual(judge(['x', 'b', 'a'], judged));
    expect(judge(['c', 'b'], judged)).toMatchObject({ mrr10: 0.5, recall100: 0.5 });
  });

  it('looks at ten ranks for nDCG and MRR, and at a hundred for recall', () => {
    const late = [...Array.from({ length: 10 }, (_, i) => `x${i}`), 'a'];
    expect(judge(late, judged)).toEqual({ ndcg10: 0, recall10: 0, recall100: 0.5, mrr10: 0 });
    const tooLate = [...Array.from({ length: 100 }, (_, i) => `x${i}`), 'a'];
    expect(judge(tooLate, judged)?.recall100).toBe(0);
  });

  it('says nothing about a query without a relevant document', () => {
    expect(judge(['a'], new Map([['a', 0]]))).toBeUndefined();
  });
});

describe('meanQuality', () => {
  it('counts a query without an answer as 0 and leaves out those without a relevant document', () => {
    const judgements = new Map([
      ['answered', new Map([['a', 1]])],
      ['unanswered', new Map([['a', 1]])],
      ['nothing relevant', new Map([['a', 0]])],
    ]);
    const rankings = new Map([['answered', ['a']]]);
    expect(meanQuality(rankings, judgements)).toEqual({
      ndcg10: 0.5,
      recall10: 0.5,
      recall100: 0.5,
      mrr10: 0.5,
      queries: 2,
    });
  });
});

describe('percentile', () => {
  it('is a value that was measured', () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i);
    expect(percentile(values, 0.5)).toBe(100);
    expect(percentile(values, 0.99)).toBe(198);
    expect(percentile([7], 0.99)).toBe(7);
    expect(percentile([], 0.5)).toBeNaN();
  });
});
