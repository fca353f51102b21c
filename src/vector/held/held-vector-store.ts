import { VectorStore } from '../vector-store.port.js';
import type { VectorLog } from '../vector-log.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  VersionCount,
} from '../vector.types.js';
import { HeldIndex, type HeldOptions } from './held-index.js';

/**
 * Around a store whose vectors stand in PostgreSQL: the index that answers is held in memory and searched there,
 * exactly; the store keeps it and answers while it is being loaded or when it is too large. It follows the log of
 * retired versions, and knows no metadata: for filters `CheckedVectorStore` belongs around it.
 */
export class HeldVectorStore extends VectorStore {
  private held: HeldIndex | undefined;

  constructor(
    private readonly inner: VectorStore,
    private readonly log: VectorLog,
    private readonly options: HeldOptions,
  ) {
    super();
  }

  async query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    if (isEmpty(query)) return [];
    const hits = await this.holding(index).query(vector, query);
    return hits ?? this.inner.query(index, vector, query);
  }

  async queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]> {
    if (isEmpty(query)) return [];
    const hits = await this.holding(index).query(vector, query, feedback);
    return hits ?? this.inner.queryTwice(index, vector, feedback, query);
  }

  async scores(index: VectorIndex, vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    if (chunkIds.length === 0) return [];
    const hits = await this.holding(index).scores(vector, chunkIds);
    return hits ?? this.inner.scores(index, vector, chunkIds);
  }

  async vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>> {
    if (chunkIds.length === 0) return new Map();
    return (await this.holding(index).vectors(chunkIds)) ?? this.inner.vectors(index, chunkIds);
  }

  async createIndex(index: VectorIndex): Promise<void> {
    await this.inner.createIndex(index);
    // One that is only being built beside the one that answers is loaded when the first query comes for it.
    this.held ??= new HeldIndex(index, this.log, this.options);
  }

  async dropIndex(index: VectorIndex): Promise<void> {
    if (this.held?.index.id === index.id) await this.close();
    await this.inner.dropIndex(index);
  }

  async upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    await this.inner.upsert(index, records);
    if (this.held?.index.id === index.id) await this.held.add(records);
  }

  async deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    if (this.held?.index.id === index.id) await this.held.removeVersions(versionIds);
    await this.inner.deleteVersions(index, versionIds);
  }

  assertUsable(): Promise<void> {
    return this.inner.assertUsable();
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

  /** Resolves when the index that answers is in memory, or known not to fit. */
  async settled(): Promise<void> {
    await this.held?.loaded();
  }

  async close(): Promise<void> {
    const { held } = this;
    this.held = undefined;
    await held?.close();
  }

  private holding(index: VectorIndex): HeldIndex {
    if (this.held?.index.id === index.id) return this.held;
    // Another index answers since; the old one is needed no more.
    void this.held?.close();
    return (this.held = new HeldIndex(index, this.log, this.options));
  }
}

const isEmpty = ({ collectionIds, documentIds, topK }: VectorQuery): boolean =>
  collectionIds.length === 0 || documentIds?.length === 0 || topK < 1;
