import { feedbackPassages, movedTowards } from '../feedback.js';
import { cosineOf } from './dot-kernel.js';
import { readFeedback, type HeldFeedback } from './held-feedback.js';
import { readHits, type HeldHits } from './held-hits.js';
import { HeldRows } from './held-rows.js';
import type { HeldQuery, HeldSize, VectorBatch } from './held.types.js';
import { NearestRows, RowScope, type Near } from './nearest-rows.js';

/** Rows with their inner products; `included`, which may be longer, and `nearest` as in `HeldHits`. */
interface Found {
  rows: number[];
  dots: Int32Array;
  included: Uint32Array;
  nearest: number;
}

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
  query(vector: Float32Array, query: HeldQuery, feedback?: HeldFeedback): HeldHits {
    const scope = new RowScope(query);
    const included = this.rows.findJoined(query.include);
    const { topK } = query;
    if (feedback === undefined)
      return this.hits(this.withIncluded(this.nearest.look(vector, scope, topK), included));
    const first = this.nearest.look(vector, scope, Math.max(topK, feedback.topK));
    const moved = this.movedBy(feedback, vector, first.slice(0, feedback.topK));
    const before = { vector, nearest: first.slice(0, topK) };
    const found = this.nearest.lookAgain(moved, before, scope, topK);
    const all = this.withIncluded(found, included);
    this.rows.kernel.setProbe(vector);
    return { ...this.hits(all), ownDistances: distancesOf(this.nearest.dots(all.rows)) };
  }

  /** Distances of the chunks that are here. */
  scores(vector: Float32Array, chunkIds: readonly string[]): HeldHits {
    this.rows.kernel.setProbe(vector);
    const rows = this.rows.find(chunkIds);
    const included = new Uint32Array(rows.length);
    return this.hits({ rows, dots: this.nearest.dots(rows), included, nearest: rows.length });
  }

  /** Unit vectors of the chunks that are here. */
  vectors(chunkIds: readonly string[]): Map<string, Float32Array> {
    return new Map(this.rows.find(chunkIds).map((row) => [this.rows.chunkAt(row), this.vectorAt(row)]));
  }

  /** Right after the look that found the nearest. */
  private movedBy(packed: HeldFeedback, vector: Float32Array, nearest: readonly Near[]): Float32Array {
    const feedback = readFeedback(packed);
    const words = feedback.words.map(({ chunkId }) => chunkId);
    const found = this.withIncluded(nearest, this.rows.findJoined(packed.chunkIds));
    const passages = feedbackPassages(readHits(this.hits(found), words), feedback);
    const vectors = this.rows.find(passages).map((row) => this.vectorAt(row));
    return movedTowards(vector, vectors, feedback.share);
  }

  /** Right after the look that found the nearest: those with others behind them, each once. */
  private withIncluded(nearest: readonly Near[], asked: ReadonlyMap<number, number>): Found {
    const rows = nearest.map(({ row }) => row);
    const included = new Uint32Array(rows.length + asked.size);
    const found = new Set<number>();
    rows.forEach((row, i) => {
      const place = asked.get(row);
      if (place === undefined) return;
      included[i] = place + 1;
      found.add(row);
    });
    const others: number[] = [];
    for (const [row, place] of asked) {
      if (found.has(row)) continue;
      included[rows.length + others.length] = place + 1;
      others.push(row);
    }
    const dots = new Int32Array(rows.length + others.length);
    nearest.forEach(({ score }, i) => (dots[i] = score));
    dots.set(this.nearest.dots(others), rows.length);
    return { rows: rows.concat(others), dots, included, nearest: rows.length };
  }

  private vectorAt(row: number): Float32Array {
    return this.rows.kernel.read(this.rows.address(row));
  }

  private hits({ rows, dots, included, nearest }: Found): HeldHits {
    return { ids: this.rows.idsOf(rows), distances: distancesOf(dots), included, nearest };
  }
}

function distancesOf(dots: Int32Array): Float64Array {
  const distances = new Float64Array(dots.length);
  for (let i = 0; i < dots.length; i++) distances[i] = 1 - cosineOf(dots[i]!);
  return distances;
}
