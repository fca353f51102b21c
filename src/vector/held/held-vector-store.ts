import { Logger } from '@nestjs/common';
import { VectorStore, type VectorWrite } from '../vector-store.port.js';
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
import { bytesOf, fitOneMemory } from './held-size.js';

/**
 * Around a store whose vectors stand in PostgreSQL: the index that answers is held in memory and searched there,
 * exactly; the store keeps it and answers while it is being loaded or when it is too large. A second index is held
 * beside it only while it is about to take its place, and only where both fit. It follows the log of retired versions,
 * and knows no metadata: for filters `CheckedVectorStore` belongs around it.
 */
export class HeldVectorStore extends VectorStore {
  private readonly logger = new Logger('VectorIndex');
  private readonly held = new Map<string, HeldIndex>();
  private used: VectorIndex | undefined;

  constructor(
    private readonly inner: VectorStore,
    private readonly log: VectorLog,
    private readonly options: Omit<HeldOptions, 'onTooLarge'>,
  ) {
    super();
  }

  use(index: VectorIndex): void {
    this.used = index;
    for (const [id, other] of this.held)
      if (id !== index.id) {
        this.held.delete(id);
        void other.close();
      }
    this.held.get(index.id)?.allow(this.options.maxBytes);
    if (!this.held.has(index.id)) this.hold(index, this.options.maxBytes);
  }

  async prepare(index: VectorIndex): Promise<void> {
    const known = this.held.get(index.id);
    if (known) return known.loaded();
    const { maxBytes, mostBytes } = this.options;
    const count = await this.inner.count(index);
    const bytes = bytesOf(count, index.dimensions);
    // Nothing will hold it: the store answers, and needs its graph before it is asked.
    if (bytes > maxBytes || !fitOneMemory(count, index.dimensions, mostBytes))
      return this.log.buildGraph(index);
    const taken = [...this.held.values()].reduce((sum, other) => sum + other.bytes, 0);
    // Else it is loaded when the other one has gone, and the store answers meanwhile.
    if (taken + bytes > maxBytes || this.held.has(index.id)) return;
    await this.hold(index, maxBytes - taken).loaded();
  }

  async follow(index: VectorIndex): Promise<void> {
    await (this.held.get(index.id)?.follow() ?? this.inner.follow(index));
  }

  async query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    if (isEmpty(query)) return [];
    const hits = await this.held.get(index.id)?.query(vector, query);
    return hits ?? this.inner.query(index, vector, query);
  }

  async queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]> {
    if (isEmpty(query)) return [];
    const hits = await this.held.get(index.id)?.query(vector, query, feedback);
    return hits ?? this.inner.queryTwice(index, vector, feedback, query);
  }

  async scores(index: VectorIndex, vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    if (chunkIds.length === 0) return [];
    const hits = await this.held.get(index.id)?.scores(vector, chunkIds);
    return hits ?? this.inner.scores(index, vector, chunkIds);
  }

  async vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>> {
    if (chunkIds.length === 0) return new Map();
    return (await this.held.get(index.id)?.vectors(chunkIds)) ?? this.inner.vectors(index, chunkIds);
  }

  async createIndex(index: VectorIndex): Promise<void> {
    await this.inner.createIndex(index);
    if (!this.used) this.use(index);
  }

  async dropIndex(index: VectorIndex): Promise<void> {
    const held = this.held.get(index.id);
    this.held.delete(index.id);
    if (this.used?.id === index.id) this.used = undefined;
    await held?.close();
    await this.inner.dropIndex(index);
  }

  async upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    await this.inner.upsert(index, records);
    await this.held.get(index.id)?.add(records);
  }

  /** In memory before the commit: until then they lead to passages that nobody may see. */
  async prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite> {
    const write = await this.inner.prepareShow(index, records);
    await this.held.get(index.id)?.add(records);
    return write;
  }

  async deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    await this.held.get(index.id)?.removeVersions(versionIds);
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

  /** Ids of the indexes that are in memory or on their way there. */
  heldIds(): string[] {
    return [...this.held.keys()];
  }

  /** Resolves when the indexes that are to be in memory are there, or known not to fit. */
  async settled(): Promise<void> {
    await Promise.all([...this.held.values()].map((held) => held.loaded()));
  }

  async close(): Promise<void> {
    const all = [...this.held.values()];
    this.held.clear();
    await Promise.all(all.map((held) => held.close()));
  }

  private hold(index: VectorIndex, maxBytes: number): HeldIndex {
    const onTooLarge = (): void => this.tooLarge(index);
    const held = new HeldIndex(index, this.log, { ...this.options, maxBytes, onTooLarge });
    this.held.set(index.id, held);
    return held;
  }

  private tooLarge(index: VectorIndex): void {
    if (this.used?.id !== index.id) {
      // One that was to be held beside another: it gets the room when the other has gone.
      this.held.delete(index.id);
      return;
    }
    this.logger.warn(
      'the vectors need more than VECTOR_MEMORY, or than one index can have; the database searches them from now on',
    );
    this.log
      .buildGraph(index)
      .catch((error: unknown) => this.logger.error({ err: error }, 'building the graph of vectors failed'));
  }
}

const isEmpty = ({ collectionIds, documentIds, topK }: VectorQuery): boolean =>
  collectionIds.length === 0 || documentIds?.length === 0 || topK < 1;
