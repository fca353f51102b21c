import { MOST_PAGE_STARTS, pageAt, pageStartsOf } from './page-starts.js';

describe('page starts', () => {
  const blocks = [
    { start: 0, page: 2 },
    { start: 10, page: 2 },
    { start: 20, page: 3 },
    { start: 30, page: 7 },
    { start: 40 },
  ];
  const starts = pageStartsOf(blocks);

  it('are kept where the page is another one, pages without text left out', () => {
    expect(starts).toEqual([
      [2, 0],
      [3, 20],
      [7, 30],
      [null, 40],
    ]);
  });

  it.each([
    [0, 2],
    [19, 2],
    [20, 3],
    [29, 3],
    [30, 7],
    [39, 7],
    [40, null],
    [9999, null],
  ])('tell that what stands at %i is on page %s', (at, page) => {
    expect(pageAt(starts, at, 1)).toBe(page);
  });

  it('follow the text where its pages are not in order', () => {
    const shuffled = pageStartsOf([
      { start: 0, page: 5 },
      { start: 10, page: 1 },
    ]);
    expect([0, 9, 10].map((at) => pageAt(shuffled, at, null))).toEqual([5, 5, 1]);
  });

  it('are none where there are no pages, or more than are worth it', () => {
    expect([pageStartsOf([]), pageStartsOf([{ start: 0 }, { start: 9 }])]).toEqual([null, null]);
    const many = Array.from({ length: MOST_PAGE_STARTS + 1 }, (_, i) => ({ start: i, page: i + 1 }));
    expect(pageStartsOf(many.slice(1))).toHaveLength(MOST_PAGE_STARTS);
    expect(pageStartsOf(many)).toBeNull();
  });

  it('leave the page that was given where they say nothing', () => {
    expect([pageAt(null, 5, 4), pageAt(undefined, 5, null), pageAt([[2, 10]], 9, 1)]).toEqual([4, null, 1]);
  });
});
