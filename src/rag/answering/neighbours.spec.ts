import { joinNeighbours } from './neighbours.js';
import type { PageStarts } from '../../common/page-starts.js';
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
const joined = (passages: readonly RetrievedPassage[], starts: PageStarts | null = null) =>
  joinNeighbours(passages, () => starts);
const shape = (passages: readonly RetrievedPassage[], starts: PageStarts | null = null): unknown =>
  joined(passages, starts).map(({ best, members, start, end }) => [
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
    expect(joined([passage('a', 0, 100), passage('b', 101, 200, other)])).toHaveLength(2);
  });

  it('joins on the page on which the one before ends', () => {
    const across = [passage('a', 0, 100), passage('b', 101, 200, { page: 2 })];
    const second = (start: number): PageStarts => [
      [1, 0],
      [2, start],
    ];
    expect(shape(across, second(99))).toEqual([['a', 'a b', 0, 200]]);
    expect(joined(across, second(101))).toHaveLength(2);
  });

  it('does not put a chapter into one piece', () => {
    const many = Array.from({ length: 30 }, (_, i) => passage(`p${i}`, i * 1000, i * 1000 + 999));
    const runs = joined(many);
    expect(runs.every(({ start, end }) => end - start <= 6000)).toBe(true);
    expect(runs.flatMap((run) => run.members)).toHaveLength(30);
    expect(joined([])).toEqual([]);
  });
});
