import { splitWindows, takeBatch, type Window } from './windows.js';

const limits = { clsId: 1, sepId: 2, prefix: [], maxTokens: 10 };
const body = (length: number): number[] => Array.from({ length }, (_, i) => 100 + i);
const window = (task: number, kind: 'query' | 'passage', length: number, siblings = 1): Window => ({
  task,
  kind,
  urgent: false,
  ids: body(length),
  weight: length,
  siblings,
});

describe('splitWindows', () => {
  it('leaves a text that fits whole', () => {
    expect(splitWindows(body(8), limits)).toEqual([{ ids: [1, ...body(8), 2], weight: 8 }]);
  });

  it('cuts a longer one into windows of about equal length and loses nothing', () => {
    const windows = splitWindows(body(17), limits);
    expect(windows.map((w) => w.weight)).toEqual([5, 6, 6]);
    expect(windows.flatMap((w) => w.ids.slice(1, -1))).toEqual(body(17));
    expect(windows.every((w) => w.ids.length <= 10)).toBe(true);
  });

  it('puts the prefix in front of every window and counts it', () => {
    const windows = splitWindows(body(12), { ...limits, prefix: [7, 8] });
    expect(windows.every((w) => w.ids[1] === 7 && w.ids[2] === 8 && w.ids.length <= 10)).toBe(true);
    expect(windows.flatMap((w) => w.ids.slice(3, -1))).toEqual(body(12));
  });

  it('reads an empty text as its special tokens', () => {
    expect(splitWindows([], limits)).toEqual([{ ids: [1, 2], weight: 1 }]);
  });
});

describe('takeBatch', () => {
  it('takes the passage whose turn it is and those nearest in length, within the budget', () => {
    const pool = [
      window(1, 'passage', 50),
      window(2, 'passage', 120),
      window(3, 'passage', 48),
      window(4, 'passage', 60),
    ];
    expect(takeBatch(pool, 190).map((w) => w.task)).toEqual([1, 3, 4]);
    expect(pool.map((w) => w.task)).toEqual([2]);
  });

  it('runs a window that is longer than the budget alone', () => {
    const pool = [window(1, 'passage', 300), window(2, 'passage', 300)];
    expect(takeBatch(pool, 256)).toHaveLength(1);
    expect(pool).toHaveLength(1);
  });

  it('takes queries one by one and before passages', () => {
    const pool = [
      window(1, 'passage', 10),
      window(2, 'query', 10),
      window(3, 'passage', 10),
      window(4, 'query', 12),
    ];
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([2]);
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([4]);
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([1, 3]);
    expect(takeBatch(pool, 256)).toEqual([]);
  });

  it('takes urgent passages behind queries and before others, together', () => {
    const urgent = (task: number, length: number): Window => ({
      ...window(task, 'passage', length),
      urgent: true,
    });
    const pool = [window(1, 'passage', 10), urgent(2, 10), window(3, 'query', 10), urgent(4, 30)];
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([3]);
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([2, 4]);
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([1]);
  });

  it('does not let a query of many windows hold up a short one', () => {
    const pool = [...Array.from({ length: 20 }, () => window(1, 'query', 256, 20)), window(2, 'query', 8)];
    expect(takeBatch(pool, 256).map((w) => w.task)).toEqual([2]);
  });
});
