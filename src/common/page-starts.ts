/** Where in a text pages begin, in UTF-16 units and in the order of the text; null for what is on no page. */
export type PageStarts = readonly (readonly [page: number | null, start: number])[];

/** More than the longest text has, unless its pages are nearly empty. All are read with every answer from the document. */
export const MOST_PAGE_STARTS = 20_000;

/** Null where there are no pages, or too many. @param blocks in the order of the text */
export function pageStartsOf(
  blocks: readonly { start: number; page?: number | undefined }[],
): PageStarts | null {
  const starts: [number | null, number][] = [];
  for (const { start, page = null } of blocks) {
    if (starts.length === 0 || starts.at(-1)![0] !== page) starts.push([page, start]);
    if (starts.length > MOST_PAGE_STARTS) return null;
  }
  return starts.some(([page]) => page !== null) ? starts : null;
}

/** The page of what stands at an offset. @param otherwise where nobody noted the pages, or they begin later */
export function pageAt(
  starts: PageStarts | null | undefined,
  at: number,
  otherwise: number | null,
): number | null {
  const page = starts?.findLast(([, start]) => start <= at);
  return page ? page[0] : otherwise;
}
