import { fuse, type Candidate } from './fusion.js';

const candidate = (id: string, dense?: number, lexical?: number): Candidate => ({
  id,
  dense,
  lexical,
  score: 0,
});

describe('fuse', () => {
  it('does not depend on the scale or offset of either score', () => {
    const candidates = [
      candidate('a', 0.9, 1),
      candidate('b', 0.2, 9),
      candidate('c', 0.5, 4),
      candidate('d', 0.1, 0),
    ];
    const scaled = candidates.map((c) =>
      candidate(c.id, (c.dense ?? 0) * 0.1 + 0.7, (c.lexical ?? 0) * 30 + 5),
    );
    expect(fuse(scaled).map((s) => s.id)).toEqual(fuse(candidates).map((s) => s.id));
  });

  it('weighs both retrievers: best in both comes first', () => {
    const [first] = fuse([
      candidate('words', 0.1, 10),
      candidate('both', 0.8, 9),
      candidate('meaning', 0.85, 0),
    ]);
    expect(first?.id).toBe('both');
  });

  it('treats a missing score as neutral and breaks ties by id', () => {
    const ranked = fuse([candidate('b', 0.5, 1), candidate('a', 0.5, 1), candidate('c', undefined, 1)]);
    expect(ranked.map((s) => s.id)).toEqual(['a', 'b', 'c']);
    expect(ranked.every((s) => Number.isFinite(s.score))).toBe(true);
  });

  it('uses only the dense score at weight 0', () => {
    const ranked = fuse([candidate('a', 0.1, 100), candidate('b', 0.9, 0)], 0);
    expect(ranked.map((s) => s.id)).toEqual(['b', 'a']);
  });

  it('adds reciprocal ranks as the other method, and gives nothing for what matches nothing', () => {
    const ranked = fuse([candidate('a', 0.9, 0), candidate('b', 0.8, 3), candidate('c', 0.1, 2)], 0.5, 'rrf');
    expect(ranked.map((s) => s.id)).toEqual(['b', 'c', 'a']);
    expect(ranked[0]?.score).toBeCloseTo((1 / 62 + 1 / 61) / 2, 10);
    expect(ranked[2]?.score).toBeCloseTo(1 / 61 / 2, 10);
  });

  it('has nothing to say about nothing', () => {
    expect(fuse([])).toEqual([]);
  });
});
