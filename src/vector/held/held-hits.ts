import { uuidAt, uuidTexts, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import type { VectorHit } from '../vector.types.js';

/** Ids that a row keeps, in this order. Its collection is where it stands. */
export const ROW_IDS = 3;
export const [CHUNK, VERSION, DOCUMENT] = [0, 1, 2];
export const ROW_ID_BYTES = ROW_IDS * UUID_BYTES;

/** Hits on their way from the thread: two pieces of memory that change hands, instead of hundreds of objects. */
export interface HeldHits {
  /** `ROW_IDS` UUIDs a hit. */
  ids: Uint8Array;
  distances: Float64Array;
  /** Where the vector was moved: distances of the query itself. */
  ownDistances?: Float64Array;
}

/** A version is hardly ever asked for, so its text is made only then. */
class HeldHit implements VectorHit {
  constructor(
    readonly chunkId: string,
    readonly documentId: string,
    readonly distance: number,
    private readonly hits: HeldHits,
    private readonly index: number,
  ) {}

  get ownDistance(): number | undefined {
    return this.hits.ownDistances?.[this.index];
  }

  get versionId(): string {
    return uuidAt(this.hits.ids, this.index * ROW_IDS + VERSION);
  }
}

export function readHits(hits: HeldHits): VectorHit[] {
  const [chunks, documents] = [CHUNK, DOCUMENT].map((id) => uuidTexts(hits.ids, ROW_IDS, id));
  return Array.from(
    hits.distances,
    (distance, index) => new HeldHit(chunks![index]!, documents![index]!, distance, hits, index),
  );
}
