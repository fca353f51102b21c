import { Best, type Scored } from '../../common/search/best.js';
import { uuidAt, uuidBytes, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import { feedbackPassages, movedTowards } from '../feedback.js';
import type { Feedback, VectorQuery } from '../vector.types.js';
import { ChunkRows } from './chunk-rows.js';
import { cosineOf, DotKernel } from './dot-kernel.js';
import { CHUNK, DOCUMENT, ROW_ID_BYTES, readHits, ROW_IDS, VERSION, type HeldHits } from './held-hits.js';
import type { HeldSize, VectorBatch } from './held.types.js';
import { BLOCK_ROWS, RowSpace } from './row-space.js';

const BATCH_IDS = 4;
const ROWS_AT_ONCE = 4096;

interface Found extends Scored {
  row: number;
}

/** All vectors of one index in memory, as 16-bit integers. Every search looks at all that is in scope: it is exact. */
export class HeldVectors {
  private readonly kernel: DotKernel;
  private readonly space = new RowSpace();
  private readonly chunks = new ChunkRows(
    () => this.ids,
    (row) => row * ROW_IDS * UUID_BYTES,
  );
  private readonly out: number;
  private readonly start: number;
  private ids = new Uint8Array(0);
  private live = new Uint8Array(0);
  private rows = 0;

  constructor(private readonly dimensions: number) {
    this.kernel = new DotKernel(dimensions);
    this.out = this.kernel.allocate(BLOCK_ROWS * 4);
    this.start = this.kernel.bytes;
  }

  get size(): HeldSize {
    return { rows: this.rows, bytes: this.kernel.bytes + this.ids.length + this.live.length };
  }

  /** Adds vectors or replaces those of the same chunk. */
  add({ ids, vectors }: VectorBatch): void {
    const count = ids.length / (BATCH_IDS * UUID_BYTES);
    for (let i = 0; i < count; i++) {
      const at = i * BATCH_IDS * UUID_BYTES;
      const known = this.chunks.find(ids.subarray(at, at + UUID_BYTES));
      if (known !== undefined) this.drop(known);
      const row = this.space.take(uuidAt(ids, i * BATCH_IDS + BATCH_IDS - 1));
      this.reserve();
      this.ids.set(ids.subarray(at, at + ROW_IDS * UUID_BYTES), row * ROW_IDS * UUID_BYTES);
      this.kernel.write(this.address(row), vectors.subarray(i * this.dimensions, (i + 1) * this.dimensions));
      this.live[row] = 1;
      this.rows++;
      this.chunks.add(row);
    }
  }

  removeVersions(versionIds: readonly string[]): void {
    const wanted = new IdSet(versionIds);
    for (let row = 0; row < this.space.size; row++)
      if (this.live[row] === 1 && wanted.has(this.ids, row * ROW_IDS + VERSION)) this.drop(row);
  }

  query(vector: Float32Array, query: VectorQuery, feedback?: Feedback): HeldHits {
    if (feedback === undefined) return this.hits(this.nearest(vector, query));
    const found = this.nearest(this.movedBy(feedback, vector, query), query);
    const hits = this.hits(found);
    this.kernel.setProbe(vector);
    hits.ownDistances = Float64Array.from(found, ({ row }) => 1 - cosineOf(this.dotOf(row)));
    return hits;
  }

  private movedBy(feedback: Feedback, vector: Float32Array, query: VectorQuery): Float32Array {
    const include = feedback.words.map(({ chunkId }) => chunkId);
    const first = this.nearest(vector, { ...query, topK: feedback.topK, include });
    const passages = feedbackPassages(readHits(this.hits(first)), feedback);
    return movedTowards(vector, [...this.vectors(passages).values()], feedback.share);
  }

  private nearest(vector: Float32Array, query: VectorQuery): Found[] {
    this.kernel.setProbe(vector);
    const documents = query.documentIds && new IdSet(query.documentIds);
    const best = new Best<Found>(query.topK, ({ row }) => uuidAt(this.ids, row * ROW_IDS + CHUNK));
    for (const collection of new Set(query.collectionIds.map((id) => id.toLowerCase())))
      for (const { first, used } of this.space.blocksOf(collection)) {
        const dots = this.kernel.dots(this.address(first), used, this.out);
        for (let i = 0; i < used; i++) {
          const row = first + i;
          if (this.live[row] === 0 || !best.mayTake(dots[i]!)) continue;
          if (documents === undefined || documents.has(this.ids, row * ROW_IDS + DOCUMENT))
            best.take({ row, score: dots[i]! });
        }
      }
    const found = best.sorted();
    if (query.include) found.push(...this.dotsOf(query.include));
    return found;
  }

  /** Distances of the chunks that are here. */
  scores(vector: Float32Array, chunkIds: readonly string[]): HeldHits {
    this.kernel.setProbe(vector);
    return this.hits(this.dotsOf(chunkIds));
  }

  /** Unit vectors of the chunks that are here. */
  vectors(chunkIds: readonly string[]): Map<string, Float32Array> {
    const found = new Map<string, Float32Array>();
    for (const id of chunkIds) {
      const bytes = uuidBytes(id);
      const row = bytes && this.chunks.find(bytes);
      if (row !== undefined)
        found.set(uuidAt(this.ids, row * ROW_IDS + CHUNK), this.kernel.read(this.address(row)));
    }
    return found;
  }

  private dotsOf(chunkIds: readonly string[]): Found[] {
    const found: Found[] = [];
    for (const id of new Set(chunkIds)) {
      const bytes = uuidBytes(id);
      const row = bytes && this.chunks.find(bytes);
      if (row !== undefined) found.push({ row, score: this.dotOf(row) });
    }
    return found;
  }

  private dotOf(row: number): number {
    return this.kernel.dot(this.address(row), this.out);
  }

  private hits(found: readonly Found[]): HeldHits {
    const ids = new Uint8Array(found.length * ROW_ID_BYTES);
    const distances = new Float64Array(found.length);
    found.forEach(({ row, score }, i) => {
      ids.set(this.ids.subarray(row * ROW_ID_BYTES, (row + 1) * ROW_ID_BYTES), i * ROW_ID_BYTES);
      distances[i] = 1 - cosineOf(score);
    });
    return { ids, distances };
  }

  private drop(row: number): void {
    const at = row * ROW_IDS * UUID_BYTES;
    this.chunks.remove(this.ids.subarray(at, at + UUID_BYTES));
    this.live[row] = 0;
    this.rows--;
    this.space.release(row);
  }

  private address(row: number): number {
    return this.start + row * this.kernel.stride;
  }

  /** Makes room for every row that the space has dealt out. */
  private reserve(): void {
    if (this.space.size <= this.live.length) return;
    const rows = Math.max(this.space.size, Math.min(this.live.length * 2, this.live.length + ROWS_AT_ONCE));
    this.kernel.allocate((rows - this.live.length) * this.kernel.stride);
    const [ids, live] = [new Uint8Array(rows * ROW_IDS * UUID_BYTES), new Uint8Array(rows)];
    ids.set(this.ids);
    live.set(this.live);
    [this.ids, this.live] = [ids, live];
  }
}

/** Whether an id is among some, told without making a text of it. */
class IdSet {
  private readonly byStart = new Map<number, Uint8Array[]>();

  constructor(ids: readonly string[]) {
    for (const id of ids) {
      const bytes = uuidBytes(id);
      if (bytes === undefined) continue;
      const key = start(bytes, 0);
      const same = this.byStart.get(key);
      if (same) same.push(bytes);
      else this.byStart.set(key, [bytes]);
    }
  }

  has(ids: Uint8Array, index: number): boolean {
    const at = index * UUID_BYTES;
    const same = this.byStart.get(start(ids, at));
    return same?.some((bytes) => bytes.every((byte, i) => ids[at + i] === byte)) ?? false;
  }
}

const start = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
