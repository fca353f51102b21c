import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { StartError } from '../config/config-error.js';
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

/** Another process may change what answers; this old may what is known of it be. */
const KNOWN_MS = 1000;

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
  private known: { indexes: RegisteredIndex[]; until: number } = { indexes: [], until: 0 };
  private used: string | undefined;
  private reading: Promise<RegisteredIndex[]> | undefined;
  private readonly preparing = new Map<string, Promise<void>>();

  constructor(
    private readonly store: VectorStore,
    private readonly indexes: VectorIndexesRepository,
    private readonly lost: LostIndexes,
  ) {
    lost.onNoted(() => (this.known.until = 0));
  }

  /** A server that could never answer by meaning does not start. */
  async onModuleInit(): Promise<void> {
    await this.store.assertUsable();
  }

  /** The index that answers queries; null until an encoder was there. */
  async activeIndex(): Promise<RegisteredIndex | null> {
    const active = this.active();
    // An index that does not exist yet is looked for each time: the first vectors should count at once.
    if (active && this.known.until >= Date.now()) return active;
    await this.refresh();
    return this.active() ?? null;
  }

  /** Looks now what answers. Callers that ask at the same time share one look. */
  refresh(): Promise<RegisteredIndex[]> {
    return (this.reading ??= this.look().finally(() => (this.reading = undefined)));
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
    const active = this.active();
    if (active) this.store.use(active);
  }

  /**
   * Searches in the vectors of this encoder: in the index that answers, or in one that answered a moment ago or will.
   * Vectors of different encoders are not comparable, whatever their length.
   */
  of(modelId: string): VectorSearch {
    const index = (): Promise<VectorIndex | null> => this.indexOf(modelId);
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

  private active(): RegisteredIndex | undefined {
    return this.known.indexes.find((index) => index.state === 'active');
  }

  private async look(): Promise<RegisteredIndex[]> {
    const indexes = await this.indexes.findAll();
    this.known = { indexes, until: Date.now() + KNOWN_MS };
    const active = this.active();
    if (active && active.id !== this.used) {
      this.used = active.id;
      this.store.use(active);
    }
    return indexes;
  }

  private async indexOf(modelId: string): Promise<VectorIndex | null> {
    const active = await this.activeIndex();
    if (!active) return this.none();
    if (active.modelId === modelId) return answering(active);
    const find = (): VectorIndex | undefined => this.known.indexes.find((index) => index.modelId === modelId);
    if (!find()) await this.refresh();
    const other = find();
    if (!other) throw otherEncoder();
    return other;
  }

  private async indexFor(vector: Float32Array): Promise<VectorIndex | null> {
    let index = await this.activeIndex();
    if (index && index.dimensions !== vector.length) {
      await this.refresh();
      index = await this.activeIndex();
    }
    if (!index) return this.none();
    if (index.dimensions !== vector.length) throw otherEncoder();
    return answering(index);
  }

  /**
   * Where this store has no index yet, it is down, new, or this moment is before the first vectors.
   * @throws AppError `vector_store_unavailable` where something could be found if it had one, or it does not answer
   */
  private async none(): Promise<null> {
    if (await this.indexes.hasPassages()) throw notThere();
    await this.store.ping();
    return null;
  }
}

/** @throws AppError `vector_store_unavailable` where the store lost it or is new, and it is not whole yet */
function answering(index: RegisteredIndex): RegisteredIndex {
  if (index.lost) throw notThere();
  return index;
}

const notThere = (): AppError =>
  new AppError(
    'vector_store_unavailable',
    'The vector store does not have the vectors, and they are being made. Search by words until they are there.',
  );

const otherEncoder = (): AppError =>
  new AppError(
    'vector_store_unavailable',
    'The vectors are those of another encoder. Search by words until this one has some.',
  );
