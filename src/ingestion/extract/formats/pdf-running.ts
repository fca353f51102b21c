/** A text at the edge of a page, where running heads and feet stand. */
interface Edge {
  page: number;
  text: string;
}

const EDGE = 2;
const LONGEST = 150;
const FEWEST = 3;
/** A number beside words that is further ahead of its page counts something else, such as invoices. */
const FURTHEST_AHEAD = 50;
const LAST_PAGE_NUMBER = 99_999;
const DIGITS = /\d+/g;
const NUMBER_ONLY = /^[\s\d.,()[\]|/–—-]*$/;

const numberAt = (text: string, k: number): number => Number(text.match(DIGITS)?.[k]);
const shapeOf = (text: string): string => text.replace(DIGITS, '#');

/** All edges of one shape: they differ in their numbers at most. `pages` are those that have one, in order. */
function levelled(pages: readonly Edge[][]): Map<Edge, string> {
  const follows = (edge: Edge, at: number, k: number): boolean => {
    const value = numberAt(edge.text, k);
    const ahead = value - edge.page;
    if (value > LAST_PAGE_NUMBER || (ahead > FURTHEST_AHEAD && !NUMBER_ONLY.test(edge.text))) return false;
    return [pages[at - 1], pages[at + 1]].some((beside) =>
      beside?.some((other) => numberAt(other.text, k) - other.page === ahead),
    );
  };
  const numbers = pages[0]?.[0]?.text.match(DIGITS)?.length ?? 0;
  // Totals may follow the pages by chance, but not most of them.
  const counting = Array.from(
    { length: numbers },
    (_, k) =>
      pages.filter((edges, at) => edges.some((edge) => follows(edge, at, k))).length * 2 > pages.length,
  );
  return new Map(
    pages.flatMap((edges, at) =>
      edges.map((edge): [Edge, string] => {
        let k = -1;
        return [
          edge,
          edge.text.replace(DIGITS, (digits) => (counting[++k] && follows(edge, at, k) ? '#' : digits)),
        ];
      }),
    ),
  );
}

/** Those of one shape that say nothing new. */
function repeatedAmong(pages: readonly Edge[][], pageCount: number): Edge[] {
  const texts = levelled(pages);
  const counts = new Map<string, number>();
  for (const edges of pages)
    for (const text of new Set(edges.map((edge) => texts.get(edge)!)))
      counts.set(text, (counts.get(text) ?? 0) + 1);
  const shown = new Set<string>();
  const repeated: Edge[] = [];
  pages.forEach((edges, at) => {
    for (const edge of edges) {
      const text = texts.get(edge)!;
      const count = counts.get(text)!;
      const hasNumber = text !== edge.text;
      const isBeside = pages[at - 1]?.some((other) => texts.get(other) === text) === true;
      const isRunning = count >= FEWEST && (hasNumber || count * 2 > pageCount || isBeside);
      const isNew = !shown.has(text) && !(hasNumber && NUMBER_ONLY.test(edge.text));
      if (isRunning && !isNew) repeated.push(edge);
      shown.add(text);
    }
  });
  return repeated;
}

/**
 * What stands at the edge of most pages is kept the first time only, page numbers alone not at all. Texts that differ
 * in a number which does not count the pages are different texts.
 */
export function withoutRunning<T>(
  pages: readonly T[][],
  describe: (group: T) => { page: number; text: string },
): T[][] {
  const shapes = new Map<string, Edge[][]>();
  const edges = new Map<T, Edge>();
  for (const groups of pages) {
    const here = new Map<string, Edge[]>();
    groups.forEach((group, i) => {
      if (i >= EDGE && i < groups.length - EDGE) return;
      const edge = describe(group);
      const shape = shapeOf(edge.text);
      if (shape.length >= LONGEST) return;
      edges.set(group, edge);
      here.set(shape, [...(here.get(shape) ?? []), edge]);
    });
    for (const [shape, same] of here) {
      const pagesOf = shapes.get(shape);
      if (pagesOf) pagesOf.push(same);
      else shapes.set(shape, [same]);
    }
  }
  const repeated = new Set<Edge | undefined>();
  for (const same of shapes.values())
    if (same.length >= FEWEST && same.length * 2 > pages.length)
      for (const edge of repeatedAmong(same, pages.length)) repeated.add(edge);
  return pages.map((groups) =>
    groups.filter((group) => !edges.has(group) || !repeated.has(edges.get(group))),
  );
}
