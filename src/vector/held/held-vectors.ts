import { splitUuids } from '../../common/search/uuid-bytes.js';
import { feedbackPassages, movedTowards } from '../feedback.js';
import type { Feedback } from '../vector.types.js';
import { cosineOf } from './dot-kernel.js';
import { ROW_ID_BYTES, readHits, type HeldHits } from './held-hits.js';
import { HeldRows } from './held-rows.js';
import type { HeldQuery, HeldSize, VectorBatch } from './held.types.js';
import { NearestRows, RowScope, type Near } from './nearest-rows.js';

/** All vectors of one index in memory. Every search is exact. */
export class HeldVectors {
  private readonly rows: HeldRows;
  private readonly nearest: NearestRows;

  constructor(dimensions: number) {
    this.rows = new HeldRows(dimensions);
    this.nearest = new NearestRows(this.rows);
  }

  get size(): HeldSize {
    return this.rows.size;
  }

  /** Adds vectors or replaces those of the same chunk. */
  add(batch: VectorBatch): void {
    this.rows.add(batch);
  }

  removeVersions(versionIds: readonly string[]): void {
    this.rows.removeVersions(versionIds);
  }

  /** The nearest, best first, and behind them those that were to be included and are not among them. */
  query(vector: Float32Array, query: HeldQuery, feedback?: Feedback): HeldHits {
    const scope = new RowScope(query);
    const included = this.rows.find(splitUuids(query.include));
    const { topK } = query;
    if (feedback === undefined) {
      const { rows, dots } = this.withIncluded(this.nearest.look(vector, scope, topK), included);
      return this.hits(rows, dots);
    }
    const first = this.nearest.look(vector, scope, Math.max(topK, feedback.topK));
    const moved = this.movedBy(feedback, vector, first.slice(0, feedback.topK));
    const before = { vector, nearest: first.slice(0, topK) };
    const found = this.nearest.lookAgain(moved, before, scope, topK);
    const { rows, dots } = this.withIncluded(found, included);
    const hits = this.hits(rows, dots);
    this.rows.kernel.setProbe(vector);
    hits.ownDistances = Float64Array.from(this.nearest.dots(rows), distanceOf);
    return hits;
  }

  /** Distances of the chunks that are here. */
  scores(vector: Float32Array, chunkIds: readonly string[]): HeldHits {
    this.rows.kernel.setProbe(vector);
    const rows = this.rows.find(chunkIds);
    return this.hits(rows, this.nearest.dots(rows));
  }

  /** Unit vectors of the chunks that are here. */
  vectors(chunkIds: readonly string[]): Map<string, Float32Array> {
    return new Map(this.rows.find(chunkIds).map((row) => [this.rows.chunkAt(row), this.vectorAt(row)]));
  }

  /** Right after the look that found the nearest. */
  private movedBy(feedback: Feedback, vector: Float32Array, nearest: readonly Near[]): Float32Array {
    const words = this.rows.find(feedback.words.map(({ chunkId }) => chunkId));
    const { rows, dots } = this.withIncluded(nearest, words);
    const passages = feedbackPassages(readHits(this.hits(rows, dots)), feedback);
    const vectors = this.rows.find(passages).map((row) => this.vectorAt(row));
    return movedTowards(vector, vectors, feedback.share);
  }

  /** Right after the look that found the nearest: those with others behind them, each once. */
  private withIncluded(
    nearest: readonly Near[],
    included: readonly number[],
  ): { rows: number[]; dots: Int32Array } {
    const rows = nearest.map(({ row }) => row);
    const found = new Set(rows);
    const others = included.filter((row) => !found.has(row));
    const dots = new Int32Array(rows.length + others.length);
    nearest.forEach(({ score }, i) => (dots[i] = score));
    dots.set(this.nearest.dots(others), rows.length);
    return { rows: [...rows, ...others], dots };
  }

  private vectorAt(row: number): Float32Array {
    return this.rows.kernel.read(this.rows.address(row));
  }

  private hits(rows: readonly number[], dots: Int32Array): HeldHits {
    const ids = new Uint8Array(rows.length * ROW_ID_BYTES);
    rows.forEach((row, i) => {
      const [from, to] = [row * ROW_ID_BYTES, i * ROW_ID_BYTES];
      for (let at = 0; at < ROW_ID_BYTES; at++) ids[to + at] = this.rows.ids[from + at]!;
    });
    return { ids, distances: Float64Array.from(dots, distanceOf) };
  }
}

const distanceOf = (dot: number): number => 1 - cosineOf(dot);
