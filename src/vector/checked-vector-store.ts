import { bestChosen, MOST_RANKED } from '../common/search/best-chosen.js';
import type { ActiveVersionsRepository } from './active-versions.repository.js';
import { lookTwice } from './look-twice.js';
import { VectorStore, type VectorWrite } from './vector-store.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  VersionCount,
} from './vector.types.js';

/** Documents that a request to another server names. */
const MOST_NAMED = 2000;
/** So many requests for one question; beyond that it is ranked deeper, which then costs less. */
const MOST_REQUESTS = 5;

/**
 * Around a store that shares no transaction with PostgreSQL and knows no metadata: whatever it returns is shown
 * only if PostgreSQL says that this version is the active one, in scope and not deleted. What falls away is
 * topped up.
 */
export class CheckedVectorStore extends VectorStore {
  constructor(
    private readonly inner: VectorStore,
    private readonly versions: ActiveVersionsRepository,
    /** The store follows PostgreSQL's log and leaves out by itself what is not active: it lacks metadata only. */
    private readonly follows = false,
  ) {
    super();
  }

  follow(index: VectorIndex): Promise<void> {
    return this.inner.follow(index);
  }

  async query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    if (this.follows && !query.filter) return this.inner.query(index, vector, query);
    const { include = [], ...nearest } = query;
    const [hits, extra] = await Promise.all([
      this.nearest(index, vector, nearest),
      include.length > 0 ? this.inner.scores(index, vector, include) : [],
    ]);
    return [...hits, ...extra];
  }

  queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]> {
    return this.follows && !query.filter
      ? this.inner.queryTwice(index, vector, feedback, query)
      : lookTwice(this, index, vector, feedback, query);
  }

  private async nearest(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    const { topK, collectionIds, documentIds, filter } = query;
    if (collectionIds.length === 0 || documentIds?.length === 0 || topK < 1) return [];
    const found = await this.nearestChosen(index, vector, query, filter ? MOST_RANKED : Infinity);
    if (found || !filter) return found ?? [];
    // What is chosen is far from the query, and has to be named: else most of the index would be ranked for it.
    const matching = await this.versions.matching(query, filter);
    if (!this.follows && matching.length > MOST_NAMED * MOST_REQUESTS)
      return (await this.nearestChosen(index, vector, query, Infinity)) ?? [];
    const hits: VectorHit[] = [];
    for (const ids of this.inParts(matching))
      hits.push(
        ...((await this.nearestChosen(index, vector, { ...query, documentIds: ids }, Infinity)) ?? []),
      );
    return hits.sort((a, b) => a.distance - b.distance || (a.chunkId < b.chunkId ? -1 : 1)).slice(0, topK);
  }

  /** Undefined where more than `most` would have to be ranked. */
  private nearestChosen(
    index: VectorIndex,
    vector: Float32Array,
    query: VectorQuery,
    most: number,
  ): Promise<VectorHit[] | undefined> {
    const { topK } = query;
    return bestChosen({
      topK,
      // A few more than asked for: a replaced version lingers until its job has run.
      depth: topK + Math.min(topK, 10),
      most,
      rank: (depth) => this.inner.query(index, vector, { ...query, topK: depth }),
      choose: (ranked) => this.visible(ranked, query),
    });
  }

  /** As many ids as one request may name; memory takes all at once. */
  private *inParts(ids: readonly string[]): Iterable<readonly string[]> {
    const size = this.follows ? ids.length : MOST_NAMED;
    for (let i = 0; i < ids.length; i += size) yield ids.slice(i, i + size);
  }

  private async visible(hits: readonly VectorHit[], query: VectorQuery): Promise<VectorHit[]> {
    if (hits.length === 0) return [];
    const documentIds = [...new Set(hits.map((hit) => hit.documentId))];
    const active = await this.versions.find(documentIds, query.collectionIds, query.filter);
    return hits.filter((hit) => active.has(hit.versionId));
  }

  scores(index: VectorIndex, vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    return this.inner.scores(index, vector, chunkIds);
  }

  vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>> {
    return this.inner.vectors(index, chunkIds);
  }

  assertUsable(): Promise<void> {
    return this.inner.assertUsable();
  }

  createIndex(index: VectorIndex): Promise<void> {
    return this.inner.createIndex(index);
  }

  use(index: VectorIndex): void {
    this.inner.use(index);
  }

  prepare(index: VectorIndex): Promise<void> {
    return this.inner.prepare(index);
  }

  dropIndex(index: VectorIndex): Promise<void> {
    return this.inner.dropIndex(index);
  }

  upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    return this.inner.upsert(index, records);
  }

  prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite> {
    return this.inner.prepareShow(index, records);
  }

  deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    return this.inner.deleteVersions(index, versionIds);
  }

  storedVersions(index: VectorIndex): AsyncIterable<VersionCount> {
    return this.inner.storedVersions(index);
  }

  count(index: VectorIndex): Promise<number> {
    return this.inner.count(index);
  }

  ping(): Promise<void> {
    return this.inner.ping();
  }

  close(): Promise<void> {
    return this.inner.close();
  }
}
