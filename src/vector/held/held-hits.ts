import { uuidAt, uuidTexts, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import type { VectorHit } from '../vector.types.js';

/** Ids that a row keeps, in this order. Its collection is where it stands. */
export const ROW_IDS = 3;
export const [CHUNK, VERSION, DOCUMENT] = [0, 1, 2];
export const ROW_ID_BYTES = ROW_IDS * UUID_BYTES;

/** Hits on their way from the thread: parts of one piece of memory that changes hands, instead of hundreds of objects. */
export interface HeldHits {
  /** `ROW_IDS` UUIDs a hit. */
  ids: Uint8Array;
  distances: Float64Array;
  /** Which of the included chunks a hit is, counted from 1; 0 for one that was not to be included. */
  included: Uint32Array;
  /** How many are the nearest: behind them come those that were to be included only. */
  nearest: number;
  /** Where the vector was moved: distances of the query itself. */
  ownDistances?: Float64Array;
}

/** @param moved whether there are distances of the query itself, too */
export function newHits(count: number, nearest: number, moved: boolean): HeldHits {
  const buffer = new ArrayBuffer(count * (ROW_ID_BYTES + 20));
  const hits: HeldHits = {
    distances: new Float64Array(buffer, 0, count),
    ids: new Uint8Array(buffer, count * 16, count * ROW_ID_BYTES),
    included: new Uint32Array(buffer, count * (16 + ROW_ID_BYTES), count),
    nearest,
  };
  if (moved) hits.ownDistances = new Float64Array(buffer, count * 8, count);
  return hits;
}

/** What moves with a message. */
export const memoryOf = ({ ids }: HeldHits): ArrayBuffer => ids.buffer as ArrayBuffer;

/** Whoever had a chunk included knows its document, and a version is hardly ever asked for: texts are made only then. */
class HeldHit implements VectorHit {
  constructor(
    readonly chunkId: string,
    private readonly document: string | undefined,
    readonly distance: number,
    readonly includedAs: number | undefined,
    private readonly hits: HeldHits,
    private readonly index: number,
  ) {}

  get documentId(): string {
    return this.document ?? uuidAt(this.hits.ids, this.index * ROW_IDS + DOCUMENT);
  }

  get ownDistance(): number | undefined {
    return this.hits.ownDistances?.[this.index];
  }

  get versionId(): string {
    return uuidAt(this.hits.ids, this.index * ROW_IDS + VERSION);
  }
}

/** @param asked ids of the chunks that were to be included: their hits have these, and no others like them */
export function readHits(hits: HeldHits, asked: readonly string[] = []): VectorHit[] {
  const nearest = hits.ids.subarray(0, hits.nearest * ROW_ID_BYTES);
  const [chunks, documents] = [CHUNK, DOCUMENT].map((id) => uuidTexts(nearest, ROW_IDS, id));
  const found: VectorHit[] = [];
  for (let index = 0; index < hits.distances.length; index++) {
    const place = hits.included[index]! - 1;
    const chunk = place >= 0 ? asked[place]! : chunks![index]!;
    const includedAs = asked.length > 0 ? place : undefined;
    found.push(new HeldHit(chunk, documents![index], hits.distances[index]!, includedAs, hits, index));
  }
  return found;
}
