import { joinNeighbours } from './neighbours.js';
import type { RetrievedPassage } from '../retrieval.types.js';

const passage = (chunk_id: string, start: number, end: number, other: Partial<RetrievedPassage> = {}) =>
  ({
    chunk_id,
    version_id: 'v1',
    page: 1,
    heading_path: ['A'],
    char_start: start,
    char_end: end,
    ...other,
  }) as RetrievedPassage;
const shape = (passages: readonly RetrievedPassage[]): unknown =>
  joinNeighbours(passages).map(({ best, members, start, end }) => [
    best.chunk_id,
    members.map((member) => member.chunk_id).join(' '),
    start,
    end,
  ]);

describe('joinNeighbours', () => {
  it('joins what follows one another, in the place of the best one', () => {
    expect(
      shape([
        passage('x', 0, 9, { version_id: 'v0' }),
        passage('b', 102, 200),
        passage('c', 201, 300),
        passage('a', 0, 100),
      ]),
    ).toEqual([
      ['x', 'x', 0, 9],
      ['b', 'a b c', 0, 300],
    ]);
  });

  it.each([
    ['another document', { version_id: 'v2' }],
    ['another page', { page: 2 }],
    ['another heading', { heading_path: ['B'] }],
    ['a heading below', { heading_path: ['A', 'B'] }],
    ['a passage that lies between', { char_start: 150, char_end: 200 }],
    ['a passage that overlaps', { char_start: 50, char_end: 200 }],
  ])('leaves %s alone', (_what, other) => {
    expect(joinNeighbours([passage('a', 0, 100), passage('b', 101, 200, other)])).toHaveLength(2);
  });

  it('does not put a chapter into one piece', () => {
    const many = Array.from({ length: 30 }, (_, i) => passage(`p${i}`, i * 1000, i * 1000 + 999));
    const runs = joinNeighbours(many);
    expect(runs.every(({ start, end }) => end - start <= 6000)).toBe(true);
    expect(runs.flatMap((run) => run.members)).toHaveLength(30);
    expect(joinNeighbours([])).toEqual([]);
  });
});
