import { pageAt, type PageStarts } from '../../common/page-starts.js';
import type { RetrievedPassage } from '../retrieval.types.js';

/** Between two passages of one section lies white space, and no more. */
const WIDEST_GAP = 8;
/** Characters of a passage that others were joined to; a whole chapter in one piece would crowd out everything else. */
const LONGEST = 6_000;

/** Passages that follow one another in a document. */
export interface Run {
  /** The best one: it has the place of all. */
  best: RetrievedPassage;
  /** In the order of the document; one for a passage that stands alone. */
  members: RetrievedPassage[];
  start: number;
  end: number;
}

/**
 * Brings passages together that follow one another under one heading, the next on the page on which the one before ends: cut
 * for the encoder, they are one text to whoever reads them. In the order of the best of each.
 */
export function joinNeighbours(
  passages: readonly RetrievedPassage[],
  pageStarts: (versionId: string) => PageStarts | null | undefined,
): Run[] {
  const place = new Map(passages.map((passage, i) => [passage, i]));
  const inOrder = [...passages].sort((a, b) =>
    a.version_id === b.version_id ? a.char_start - b.char_start : a.version_id < b.version_id ? -1 : 1,
  );
  const runs: Run[] = [];
  for (const passage of inOrder) {
    const run = runs.at(-1);
    const last = run?.members.at(-1);
    if (
      run &&
      last &&
      follows(passage, last, pageStarts(last.version_id)) &&
      passage.char_end - run.start <= LONGEST
    ) {
      run.members.push(passage);
      run.end = passage.char_end;
      if (place.get(passage)! < place.get(run.best)!) run.best = passage;
    } else runs.push({ best: passage, members: [passage], start: passage.char_start, end: passage.char_end });
  }
  return runs.sort((a, b) => place.get(a.best)! - place.get(b.best)!);
}

function follows(
  next: RetrievedPassage,
  before: RetrievedPassage,
  starts: PageStarts | null | undefined,
): boolean {
  const gap = next.char_start - before.char_end;
  return (
    next.version_id === before.version_id &&
    gap >= 0 &&
    gap <= WIDEST_GAP &&
    next.page === pageAt(starts, before.char_end - 1, before.page) &&
    next.heading_path.length === before.heading_path.length &&
    next.heading_path.every((heading, i) => heading === before.heading_path[i])
  );
}
