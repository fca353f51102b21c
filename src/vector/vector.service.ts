import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { StartError } from '../config/config-error.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore } from './vector-store.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  RegisteredIndex,
  VersionCount,
} from './vector.types.js';

/** Another process may switch the index; until it is noticed here, the old one still answers. */
const ACTIVE_INDEX_MS = 5000;

/** Vectors of chunks: writes them, and finds the nearest that a caller may read. */
@Injectable()
export class VectorService implements OnModuleInit, OnApplicationShutdown {
  private active: { index: VectorIndex | null; until: number } = { index: null, until: 0 };

  constructor(
    private readonly store: VectorStore,
    private readonly indexes: VectorIndexesRepository,
  ) {}

  /** A server that could never answer by meaning does not start. */
  async onModuleInit(): Promise<void> {
    await this.store.assertUsable();
  }

  /** The index that answers queries; null until an encoder was there. */
  async activeIndex(): Promise<VectorIndex | null> {
    // An index that does not exist yet is looked for each time: the first vectors should count at once.
    if (!this.active.index || this.active.until < Date.now())
      this.active = { index: await this.indexes.findActive(), until: Date.now() + ACTIVE_INDEX_MS };
    return this.active.index;
  }

  /**
   * The index of an encoder, made where it does not exist and from now on the one that answers. Safe to call
   * from several processes at once and at each start. Throws `StartError` where the store lacks something,
   * `vector_store_unavailable` while it is down.
   */
  async ensureIndex(encoder: { modelId: string; dimensions: number }): Promise<VectorIndex> {
    const index = await this.indexes.register(encoder.modelId, encoder.dimensions);
    if (index.dimensions !== encoder.dimensions)
      throw new StartError(
        `the encoder ${encoder.modelId} gives ${encoder.dimensions} dimensions, but its vectors were stored with ${index.dimensions}`,
      );
    await this.store.createIndex(index);
    await this.indexes.activate(index);
    this.active = { index, until: Date.now() + ACTIVE_INDEX_MS };
    return index;
  }

  /** Nearest chunks in the active index; none while there is no index. */
  async query(vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    const index = await this.indexFor(vector);
    return index ? this.store.query(index, vector, query) : [];
  }

  /** Cosine distances of chunks that the caller may read, in any order; those without a vector are left out. */
  async scores(vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    const index = await this.indexFor(vector);
    return index ? this.store.scores(index, vector, chunkIds) : [];
  }

  /** As `query`, after a first look; the caller may read what was found by words. */
  async queryTwice(vector: Float32Array, feedback: Feedback, query: VectorQuery): Promise<VectorHit[]> {
    const index = await this.indexFor(vector);
    return index ? this.store.queryTwice(index, vector, feedback, query) : [];
  }

  /** Writes or replaces vectors. Throws on a vector that does not fit the index or has no direction. */
  async upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    for (const { vector, chunkId } of records) {
      const squares = vector.reduce((sum, value) => sum + value * value, 0);
      if (vector.length !== index.dimensions || !Number.isFinite(squares) || squares === 0)
        throw new Error(
          `chunk ${chunkId}: not a vector of ${index.dimensions} finite dimensions (${vector.length} given)`,
        );
    }
    await this.store.upsert(index, records);
  }

  /** Removes the vectors of versions from every index, also those that no longer answer. */
  async deleteVersions(versionIds: readonly string[]): Promise<void> {
    if (versionIds.length === 0) return;
    for (const index of await this.indexes.findAll()) await this.store.deleteVersions(index, versionIds);
  }

  /** All that are registered, also those of a store that is no longer configured; oldest first. */
  list(): Promise<RegisteredIndex[]> {
    return this.indexes.list();
  }

  /** How many vectors the active index holds of which version; none while there is no index. */
  async *storedVersions(): AsyncIterable<VersionCount> {
    const index = await this.indexes.findActive();
    if (index) yield* this.store.storedVersions(index);
  }

  /** Drops indexes that were retired so many seconds ago: the encoder may just be changed back. @returns how many */
  async dropRetired(seconds: number): Promise<number> {
    const given = await this.indexes.giveUp(seconds);
    for (const index of given) {
      await this.store.dropIndex(index);
      await this.indexes.forget(index);
    }
    return given.length;
  }

  /** Vectors in the active index. */
  async count(): Promise<number> {
    const index = await this.activeIndex();
    return index ? this.store.count(index) : 0;
  }

  /** Throws `vector_store_unavailable` when the store does not answer. */
  async ping(): Promise<void> {
    await this.store.ping();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.store.close();
  }

  private async indexFor(vector: Float32Array): Promise<VectorIndex | null> {
    let index = await this.activeIndex();
    if (index && index.dimensions !== vector.length) {
      this.active.until = 0;
      index = await this.activeIndex();
    }
    if (index && index.dimensions !== vector.length)
      throw new AppError(
        'vector_store_unavailable',
        'The vectors are being rebuilt for another encoder. Search by words until they are there.',
      );
    return index;
  }
}
