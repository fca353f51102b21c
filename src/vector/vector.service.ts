import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { StartError } from '../config/config-error.js';
import { AnsweringIndex } from './answering-index.service.js';
import { LostIndexes } from './lost-indexes.service.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore, type VectorWrite } from './vector-store.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  RegisteredIndex,
  VersionCount,
} from './vector.types.js';

/** Searches with vectors of one encoder. */
export interface VectorSearch {
  /** Before a query that says `followed`, while it waits for something else. */
  follow(): Promise<void>;
  query(vector: Float32Array, query: VectorQuery): Promise<VectorHit[]>;
  queryTwice(vector: Float32Array, feedback: Feedback, query: VectorQuery): Promise<VectorHit[]>;
  scores(vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]>;
}

/** Vectors of chunks: writes them, and finds the nearest that a caller may read. */
@Injectable()
export class VectorService implements OnModuleInit, OnApplicationShutdown {
  private readonly preparing = new Map<string, Promise<void>>();

  constructor(
    private readonly store: VectorStore,
    private readonly indexes: VectorIndexesRepository,
    private readonly lost: LostIndexes,
    private readonly answering: AnsweringIndex,
  ) {}

  /** A server that could never answer by meaning does not start. */
  async onModuleInit(): Promise<void> {
    await this.store.assertUsable();
  }

  /** The index that answers queries; null until an encoder was there. */
  activeIndex(): Promise<RegisteredIndex | null> {
    return this.answering.get();
  }

  /** Looks now what answers. Callers that ask at the same time share one look. */
  refresh(): Promise<RegisteredIndex[]> {
    return this.answering.refresh();
  }

  /**
   * The model whose vectors this installation has, in whatever store: once there are some, no configuration changes
   * it. Undefined where there are none and nobody has changed the encoder.
   */
  async decidedEncoder(): Promise<{ modelId: string; dimensions: number } | undefined> {
    const active = (await this.indexes.list()).find((index) => index.state === 'active');
    if (!active || !(await this.indexes.isDecided())) return undefined;
    return { modelId: active.modelId, dimensions: active.dimensions };
  }

  /**
   * The index of an encoder, made where it does not exist, and the one that answers if no other encoder's does; null if
   * another's does. Safe to call from several processes at once and at each start. Throws `StartError` where the store
   * lacks something, `vector_store_unavailable` while it is down.
   */
  async ensureIndex(encoder: { modelId: string; dimensions: number }): Promise<VectorIndex | null> {
    const active = (await this.indexes.list()).find((index) => index.state === 'active');
    if (active && active.modelId !== encoder.modelId && (await this.indexes.isDecided())) return null;
    const index = await this.makeIndex(encoder);
    const { answers, moved } = await this.indexes.activate(index);
    await this.refresh();
    if (moved) this.lost.noted(index);
    return answers ? index : null;
  }

  /** The index of an encoder, made where it does not exist; who answers stays as it is. Throws as `ensureIndex`. */
  async makeIndex(encoder: { modelId: string; dimensions: number }): Promise<VectorIndex> {
    const index = await this.indexes.register(encoder.modelId, encoder.dimensions);
    if (index.dimensions !== encoder.dimensions)
      throw new StartError(
        `the encoder ${encoder.modelId} gives ${encoder.dimensions} dimensions, but its vectors were stored with ${index.dimensions}`,
      );
    await this.store.createIndex(index);
    return index;
  }

  /** Has an index ready to take over; resolves when it is. Callers that ask at the same time share the work. */
  prepare(index: VectorIndex): Promise<void> {
    const under = this.preparing.get(index.id);
    if (under) return under;
    const work = this.store.prepare(index).finally(() => this.preparing.delete(index.id));
    this.preparing.set(index.id, work);
    return work;
  }

  /** Lets go of what was made ready of other indexes than the one that answers. */
  letGo(): void {
    this.answering.letGo();
  }

  /**
   * Searches in the vectors of this encoder: in the index that answers, or in one that answered a moment ago or will.
   * Vectors of different encoders are not comparable, whatever their length.
   */
  of(modelId: string): VectorSearch {
    const index = (): Promise<VectorIndex | null> => this.answering.of(modelId);
    return {
      follow: async () => {
        const found = await index();
        if (found) await this.store.follow(found);
      },
      query: async (vector, query) => {
        const found = await index();
        return found ? this.store.query(found, vector, query) : [];
      },
      queryTwice: async (vector, feedback, query) => {
        const found = await index();
        return found ? this.store.queryTwice(found, vector, feedback, query) : [];
      },
      scores: async (vector, chunkIds) => {
        const found = await index();
        return found ? this.store.scores(found, vector, chunkIds) : [];
      },
    };
  }

  /**
   * Nearest chunks in the active index; none while there is nothing to find.
   * @throws AppError `vector_store_unavailable` while vectors that are to be there are not
   */
  async query(vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    const index = await this.answering.fitting(vector);
    return index ? this.store.query(index, vector, query) : [];
  }

  /** Cosine distances of chunks that the caller may read, in any order; those without a vector are left out. */
  async scores(vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    const index = await this.answering.fitting(vector);
    return index ? this.store.scores(index, vector, chunkIds) : [];
  }

  /** As `query`, after a first look; the caller may read what was found by words. */
  async queryTwice(vector: Float32Array, feedback: Feedback, query: VectorQuery): Promise<VectorHit[]> {
    const index = await this.answering.fitting(vector);
    return index ? this.store.queryTwice(index, vector, feedback, query) : [];
  }

  /** Writes or replaces vectors. Throws on a vector that does not fit the index or has no direction. */
  async upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    this.requireFit(index, records);
    if (records.length > 0) await this.store.upsert(index, records);
  }

  /** Vectors of versions that are about to be shown. Throws as `upsert`. @returns what belongs into the transaction */
  prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite> {
    this.requireFit(index, records);
    return this.store.prepareShow(index, records);
  }

  /** Throws as `upsert`. */
  requireFit(index: VectorIndex, records: readonly VectorRecord[]): void {
    for (const { vector, chunkId } of records) {
      const squares = vector.reduce((sum, value) => sum + value * value, 0);
      if (vector.length !== index.dimensions || !Number.isFinite(squares) || squares === 0)
        throw new Error(
          `chunk ${chunkId}: not a vector of ${index.dimensions} finite dimensions (${vector.length} given)`,
        );
    }
  }

  /** Removes the vectors of versions from every index, also those that no longer answer. */
  async deleteVersions(versionIds: readonly string[]): Promise<void> {
    if (versionIds.length === 0) return;
    for (const index of await this.indexes.findAll()) await this.store.deleteVersions(index, versionIds);
  }

  /** Removes the vectors of versions from one index. */
  async deleteVersionsIn(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    if (versionIds.length > 0) await this.store.deleteVersions(index, versionIds);
  }

  /** All that are registered, also those of a store that is no longer configured; oldest first. */
  list(): Promise<RegisteredIndex[]> {
    return this.indexes.list();
  }

  /** Those of the configured store. */
  listOwn(): Promise<RegisteredIndex[]> {
    return this.indexes.findAll();
  }

  /** How many vectors an index holds of which version. */
  storedVersions(index: VectorIndex): AsyncIterable<VersionCount> {
    return this.store.storedVersions(index);
  }

  /**
   * Drops indexes that were retired so many seconds ago and that nobody wants kept, or the one that is named, kept or
   * not. @returns how many
   */
  async dropRetired(seconds: number, only?: string): Promise<number> {
    const given = await this.indexes.giveUp(seconds, only);
    for (const index of given) {
      await this.store.dropIndex(index);
      await this.indexes.forget(index);
    }
    if (given.length > 0) await this.refresh();
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
}
