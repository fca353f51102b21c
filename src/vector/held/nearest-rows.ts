import { Best, type Scored } from '../../common/search/best.js';
import type { VectorQuery } from '../vector.types.js';
import { cosineOf, dotOf, roundingOf } from './dot-kernel.js';
import { DOCUMENT, ROW_IDS } from './held-hits.js';
import type { HeldRows } from './held-rows.js';
import { IdSet } from './id-set.js';
import { BLOCK_ROWS, type Block } from './row-space.js';

/** A row and its inner product with what was asked. */
export interface Near extends Scored {
  row: number;
}

/** From this share of a block on, comparing all of it is quicker than picking rows: memory is read ahead. */
const WHOLE = 0.5;

/** Which rows are meant: those of collections, and of them those of documents. */
export class RowScope {
  readonly collections: ReadonlySet<string>;
  readonly documents: IdSet | undefined;

  constructor({ collectionIds, documentIds }: Pick<VectorQuery, 'collectionIds' | 'documentIds'>) {
    this.collections = new Set(collectionIds.map((id) => id.toLowerCase()));
    this.documents = documentIds && new IdSet(documentIds);
  }
}

/**
 * The rows nearest to a vector, exactly: the first look compares it with all that is in scope. A second look with a vector
 * not far from the first need not: angles obey the triangle inequality, so what the first look found too far away cannot
 * be among the nearest now.
 */
export class NearestRows {
  /** Inner products of the last first look, by row; of rows that it compared. */
  private first = new Int32Array(0);
  /** Rows of a block that are compared in a second look. */
  private readonly batch = new Uint32Array(BLOCK_ROWS);

  constructor(private readonly rows: HeldRows) {}

  /** Best first. */
  look(vector: Float32Array, scope: RowScope, topK: number): Near[] {
    const { rows } = this;
    const { kernel } = rows;
    kernel.setProbe(vector);
    if (this.first.length < rows.capacity) this.first = new Int32Array(rows.capacity);
    const kept = this.first;
    const best = this.best(topK);
    for (const collection of scope.collections)
      for (const block of rows.blocksOf(collection)) {
        const { first, used } = block;
        kernel.compare(rows.address(first), used);
        const { dots } = kernel;
        kept.set(used === dots.length ? dots : dots.subarray(0, used), first);
        this.offerCompared(best, block, scope);
      }
    return best.sorted();
  }

  /** As `look`, with a vector that was moved: `nearest` is what the look before found, `topK` rows where there are as many. */
  lookAgain(
    moved: Float32Array,
    before: { vector: Float32Array; nearest: readonly Near[] },
    scope: RowScope,
    topK: number,
  ): Near[] {
    const { rows } = this;
    rows.kernel.setProbe(moved);
    const least = this.leastBefore(moved, before, topK);
    const best = this.best(topK);
    for (const collection of scope.collections)
      for (const block of rows.blocksOf(collection)) {
        const count = this.near(block, least);
        if (count === 0) continue;
        const whole = count >= block.used * WHOLE;
        if (whole) rows.kernel.compare(rows.address(block.first), block.used);
        else this.compareNear(count);
        this.offerCompared(best, whole ? block : count, scope);
      }
    return best.sorted();
  }

  /** Puts into `batch` which rows of a block had `least` in the first look; returns how many. */
  private near({ first, used }: Block, least: number): number {
    const { first: kept, batch } = this;
    let count = 0;
    for (let row = first; row < first + used; row++) {
      batch[count] = row;
      if (kept[row]! >= least) count++;
    }
    return count;
  }

  private compareNear(count: number): void {
    const { rows, batch } = this;
    for (let i = 0; i < count; i++) rows.kernel.note(i, rows.address(batch[i]!));
    rows.kernel.compareNoted(count);
  }

  /** Inner products of rows with the vector of the last first look, which has those of all that is in its scope. */
  firstDots(asked: readonly number[], vector: Float32Array, scope: RowScope): Int32Array {
    if (asked.every((row) => this.rows.isIn(row, scope.collections)))
      return Int32Array.from(asked, (row) => this.first[row]!);
    this.rows.kernel.setProbe(vector);
    return this.dots(asked);
  }

  /** Inner products of rows with what was asked last. */
  dots(asked: readonly number[]): Int32Array {
    const { kernel } = this.rows;
    const dots = new Int32Array(asked.length);
    for (let from = 0; from < asked.length; from += BLOCK_ROWS) {
      const count = Math.min(BLOCK_ROWS, asked.length - from);
      for (let i = 0; i < count; i++) kernel.note(i, this.rows.address(asked[from + i]!));
      kernel.compareNoted(count);
      for (let i = 0; i < count; i++) dots[from + i] = kernel.dots[i]!;
    }
    return dots;
  }

  /** The least inner product that a row must have had before to be among the best now. */
  private leastBefore(
    moved: Float32Array,
    { vector, nearest }: { vector: Float32Array; nearest: readonly Near[] },
    topK: number,
  ): number {
    if (nearest.length < topK) return -Infinity;
    // The nearest of before are in scope, so the best of now are no worse than the worst of them is now.
    const least = this.dots(nearest.map(({ row }) => row)).reduce((worst, dot) => Math.min(worst, dot));
    const farthest = angle(cosineOf(least)) + angle(cosine(moved, vector));
    // Three vectors were rounded.
    const slack = 3 * roundingOf(this.rows.dimensions);
    return farthest < Math.PI ? dotOf(Math.cos(farthest) - slack) : -Infinity;
  }

  private best(topK: number): Best<Near> {
    return new Best<Near>(topK, ({ row }) => this.rows.chunkAt(row));
  }

  /** Offers what was compared last: a block, or the first so many rows of `batch`. */
  private offerCompared(best: Best<Near>, compared: Block | number, { documents }: RowScope): void {
    const { live, ids, kernel } = this.rows;
    const { dots, selected } = kernel;
    const inBlock = typeof compared !== 'number';
    const count = kernel.select(inBlock ? compared.used : compared, best.least);
    for (let i = 0; i < count; i++) {
      const place = selected[i]!;
      const row = inBlock ? compared.first + place : this.batch[place]!;
      const score = dots[place]!;
      if (score < best.least || live[row] === 0) continue;
      if (documents === undefined || documents.has(ids, row * ROW_IDS + DOCUMENT)) best.take({ row, score });
    }
  }
}

const angle = (cos: number): number => Math.acos(Math.min(1, Math.max(-1, cos)));

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return aa > 0 && bb > 0 ? dot / Math.sqrt(aa * bb) : 0;
}
