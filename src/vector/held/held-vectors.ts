import { feedbackPassages, movedTowards } from '../feedback.js';
import { cosineOf } from './dot-kernel.js';
import { readFeedback, type HeldFeedback } from './held-feedback.js';
import { newHits, readHits, type HeldHits } from './held-hits.js';
import { HeldRows } from './held-rows.js';
import type { HeldQuery, HeldSize, VectorBatch } from './held.types.js';
import { NearestRows, RowScope, type Near } from './nearest-rows.js';

/** Rows with their inner products; `included` and `nearest` as in `HeldHits`. */
interface Found {
  rows: number[];
  dots: Int32Array;
  included: number[];
  nearest: number;
}

/** Inner products of rows with the vector that is meant. */
type DotsOf = (rows: readonly number[]) => Int32Array;

/** All vectors of one index in memory. Every search is exact. */
export class HeldVectors {
  private readonly rows: HeldRows;
  private readonly nearest: NearestRows;
  /** By row: at which place a query asks for it to be included, counted from 1. All 0 between queries. */
  private places = new Int32Array(0);

  /** @param mostBytes what its memory may have; as much as one can unless it is told */
  constructor(dimensions: number, mostBytes?: number) {
    this.rows = new HeldRows(dimensions, mostBytes);
    this.nearest = new NearestRows(this.rows);
  }

  get size(): HeldSize {
    return this.rows.size;
  }

  /** Adds vectors or replaces those of the same chunk, until it is full. */
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
    const latest: DotsOf = (rows) => this.nearest.dots(rows);
    if (feedback === undefined)
      return this.hits(this.withIncluded(this.nearest.look(vector, scope, topK), included, latest));
    const first = this.nearest.look(vector, scope, Math.max(topK, feedback.topK));
    const own: DotsOf = (rows) => this.nearest.firstDots(rows, vector, scope);
    const moved = this.movedBy(feedback, vector, first.slice(0, feedback.topK), own);
    const before = { vector, nearest: first.slice(0, topK) };
    const found = this.nearest.lookAgain(moved, before, scope, topK);
    const all = this.withIncluded(found, included, latest);
    return this.hits(all, own(all.rows));
  }

  /** Distances of the chunks that are here. */
  scores(vector: Float32Array, chunkIds: readonly string[]): HeldHits {
    this.rows.kernel.setProbe(vector);
    const rows = this.rows.find(chunkIds);
    const included = rows.map(() => 0);
    return this.hits({ rows, dots: this.nearest.dots(rows), included, nearest: rows.length });
  }

  /** Unit vectors of the chunks that are here. */
  vectors(chunkIds: readonly string[]): Map<string, Float32Array> {
    return new Map(this.rows.find(chunkIds).map((row) => [this.rows.chunkAt(row), this.vectorAt(row)]));
  }

  private movedBy(
    packed: HeldFeedback,
    vector: Float32Array,
    nearest: readonly Near[],
    own: DotsOf,
  ): Float32Array {
    const feedback = readFeedback(packed);
    const words = feedback.words.map(({ chunkId }) => chunkId);
    const found = this.withIncluded(nearest, this.rows.findJoined(packed.chunkIds), own);
    const passages = feedbackPassages(readHits(this.hits(found), words), feedback);
    const vectors = this.rows.find(passages).map((row) => this.vectorAt(row));
    return movedTowards(vector, vectors, feedback.share);
  }

  /** The nearest with others behind them, each once. */
  private withIncluded(nearest: readonly Near[], asked: Int32Array, dotsOf: DotsOf): Found {
    if (this.places.length < this.rows.capacity) this.places = new Int32Array(this.rows.capacity);
    const { places } = this;
    asked.forEach((row, place) => {
      if (row >= 0) places[row] = place + 1;
    });
    const rows = nearest.map(({ row }) => row);
    const included: number[] = [];
    for (const row of rows) {
      included.push(places[row]!);
      places[row] = 0;
    }
    const others: number[] = [];
    for (const row of asked) {
      if (row < 0 || places[row] === 0) continue;
      others.push(row);
      included.push(places[row]!);
      places[row] = 0;
    }
    const dots = new Int32Array(rows.length + others.length);
    nearest.forEach(({ score }, i) => (dots[i] = score));
    dots.set(dotsOf(others), rows.length);
    return { rows: rows.concat(others), dots, included, nearest: rows.length };
  }

  private vectorAt(row: number): Float32Array {
    return this.rows.kernel.read(this.rows.address(row));
  }

  /** @param own inner products with the query itself where the others are with a vector that was moved */
  private hits({ rows, dots, included, nearest }: Found, own?: Int32Array): HeldHits {
    const hits = newHits(rows.length, nearest, own !== undefined);
    this.rows.copyIds(rows, hits.ids);
    hits.included.set(included);
    for (let i = 0; i < rows.length; i++) hits.distances[i] = distanceOf(dots[i]!);
    if (own && hits.ownDistances)
      for (let i = 0; i < rows.length; i++) hits.ownDistances[i] = distanceOf(own[i]!);
    return hits;
  }
}

const distanceOf = (dot: number): number => 1 - cosineOf(dot);
