import { joinedCount, readJoinedUuid, readUuid, uuidAt, UUID_BYTES } from '../../common/search/uuid-bytes.js';
import { ChunkRows } from './chunk-rows.js';
import { DotKernel } from './dot-kernel.js';
import { CHUNK, ROW_ID_BYTES, ROW_IDS, VERSION } from './held-hits.js';
import type { HeldSize, VectorBatch } from './held.types.js';
import { IdSet } from './id-set.js';
import { BLOCK_ROWS, RowSpace, type Block } from './row-space.js';

const BATCH_IDS = 4;
const ROWS_AT_ONCE = 4096;
const ROW_ID_WORDS = ROW_ID_BYTES / 4;

/** The vectors of one index as rows of 16-bit integers, each with its ids; rows of a collection stand together. */
export class HeldRows {
  readonly kernel: DotKernel;
  /** `ROW_IDS` UUIDs a row. */
  ids = new Uint8Array(0);
  /** 1 for a row that holds a vector. */
  live = new Uint8Array(0);
  private idWords = new Uint32Array(0);
  private readonly space = new RowSpace();
  private readonly chunks = new ChunkRows(
    () => this.ids,
    (row) => row * ROW_IDS * UUID_BYTES,
  );
  private readonly wanted = new Uint8Array(UUID_BYTES);
  private readonly start: number;
  private count = 0;
  private full = false;

  constructor(
    readonly dimensions: number,
    mostBytes?: number,
  ) {
    this.kernel = new DotKernel(dimensions, BLOCK_ROWS, mostBytes);
    this.start = this.kernel.bytes;
  }

  get size(): HeldSize {
    const bytes = this.kernel.bytes + this.ids.length + this.live.length;
    return { rows: this.count, bytes, full: this.full };
  }

  /** Rows that there is room for: numbers are below it. */
  get capacity(): number {
    return this.live.length;
  }

  blocksOf(collection: string): readonly Block[] {
    return this.space.blocksOf(collection);
  }

  /** Whether a row belongs to one of these collections. */
  isIn(row: number, collections: ReadonlySet<string>): boolean {
    const collection = this.space.collectionOf(row);
    return collection !== undefined && collections.has(collection);
  }

  address(row: number): number {
    return this.start + row * this.kernel.stride;
  }

  chunkAt(row: number): string {
    return uuidAt(this.ids, row * ROW_IDS + CHUNK);
  }

  /** Copies the ids of rows, `ROW_IDS` each; `into` begins at a multiple of four bytes. */
  copyIds(rows: readonly number[], into: Uint8Array): void {
    const { idWords } = this;
    const words = new Uint32Array(into.buffer, into.byteOffset, rows.length * ROW_ID_WORDS);
    for (let i = 0, to = 0; i < rows.length; i++) {
      const from = rows[i]! * ROW_ID_WORDS;
      for (let at = from; at < from + ROW_ID_WORDS; at++) words[to++] = idWords[at]!;
    }
  }

  /** Rows of the chunks that are here, each once, in the order of the ids. */
  find(chunkIds: readonly string[]): number[] {
    const found = new Set<number>();
    for (const id of chunkIds) {
      const row = readUuid(id, this.wanted) ? this.chunks.find(this.wanted) : undefined;
      if (row !== undefined) found.add(row);
    }
    return [...found];
  }

  /** The row of each of the joined ids; -1 where it is not here. */
  findJoined(chunkIds: string): Int32Array {
    const found = new Int32Array(joinedCount(chunkIds));
    for (let place = 0; place < found.length; place++)
      found[place] =
        (readJoinedUuid(chunkIds, place, this.wanted) ? this.chunks.find(this.wanted) : undefined) ?? -1;
    return found;
  }

  /** Adds vectors or replaces those of the same chunk, until it is full; from then on it is of no use. */
  add({ ids, vectors }: VectorBatch): void {
    const count = ids.length / (BATCH_IDS * UUID_BYTES);
    for (let i = 0; i < count; i++) {
      const at = i * BATCH_IDS * UUID_BYTES;
      const known = this.chunks.find(ids.subarray(at, at + UUID_BYTES));
      if (known !== undefined) this.drop(known);
      const row = this.space.take(uuidAt(ids, i * BATCH_IDS + BATCH_IDS - 1));
      if (this.full || !this.reserve()) {
        this.full = true;
        return;
      }
      this.ids.set(ids.subarray(at, at + ROW_IDS * UUID_BYTES), row * ROW_IDS * UUID_BYTES);
      this.kernel.write(this.address(row), vectors.subarray(i * this.dimensions, (i + 1) * this.dimensions));
      this.live[row] = 1;
      this.count++;
      this.chunks.add(row);
    }
  }

  removeVersions(versionIds: readonly string[]): void {
    const wanted = new IdSet(versionIds);
    for (let row = 0; row < this.space.size; row++)
      if (this.live[row] === 1 && wanted.has(this.ids, row * ROW_IDS + VERSION)) this.drop(row);
  }

  private drop(row: number): void {
    const at = row * ROW_IDS * UUID_BYTES;
    this.chunks.remove(this.ids.subarray(at, at + UUID_BYTES));
    this.live[row] = 0;
    this.count--;
    this.space.release(row);
  }

  /** Makes room for every row that the space has dealt out. @returns false where there is none */
  private reserve(): boolean {
    if (this.space.size <= this.live.length) return true;
    const rows = Math.max(this.space.size, Math.min(this.live.length * 2, this.live.length + ROWS_AT_ONCE));
    let ids: Uint8Array<ArrayBuffer>;
    try {
      this.kernel.allocate((rows - this.live.length) * this.kernel.stride);
      ids = new Uint8Array(rows * ROW_IDS * UUID_BYTES);
    } catch (error) {
      if (error instanceof RangeError) return false;
      throw error;
    }
    const live = new Uint8Array(rows);
    ids.set(this.ids);
    live.set(this.live);
    [this.ids, this.live] = [ids, live];
    this.idWords = new Uint32Array(ids.buffer);
    return true;
  }
}
