import { compareUuids, uuidAt } from '../../common/search/uuid-bytes.js';
import type { PairGround, PhrasePlace } from './scoring/exact-phrases.js';
import type { HeldSegment } from './held/held-segment.js';
import { newHits, setDocument, setPassage, setVersion, type PackedHits } from './packed-hits.js';

/** One of the best, always of the same shape: the engine of JavaScript compiles code for shapes. */
export class Ranked implements PhrasePlace {
  exact = 0;
  grounds: readonly PairGround[][] | undefined = undefined;

  constructor(
    readonly unit: number,
    readonly held: HeldSegment,
    readonly document: number,
    readonly chunk: number | undefined,
    public score: number,
  ) {}
}

/** Puts the best first: what holds a phrase, then by score; equal ones by id. */
export function sortRanked(found: Ranked[]): void {
  found.sort((a, b) => b.exact - a.exact || b.score - a.score || compareIds(a, b));
}

export function compareIds(a: Ranked, b: Ranked): number {
  const [one, other] = [a.held.segment, b.held.segment];
  return a.chunk === undefined
    ? compareUuids(one.documentIds, a.document, other.documentIds, b.document)
    : compareUuids(one.chunkIds, a.chunk, other.chunkIds, b.chunk!);
}

export function pack(ranked: readonly Ranked[]): PackedHits {
  const hits = newHits(ranked.length);
  ranked.forEach(({ held: { segment }, document, chunk, score, exact, grounds }, i) => {
    setDocument(hits, i, segment.documentIds, document);
    setVersion(hits, i, segment.versionIds, document);
    if (chunk !== undefined) setPassage(hits, i, segment.chunkIds, chunk);
    hits.scores[i] = score;
    hits.exact[i] = exact;
    for (const phrase of grounds ?? [])
      hits.claims.push({
        hit: i,
        pairs: phrase.map(({ pair, passages }) => ({
          pair,
          chunkIds: passages.map((passage) => uuidAt(segment.chunkIds, passage)),
        })),
      });
  });
  return hits;
}
