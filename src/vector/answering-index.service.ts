import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { LostIndexes } from './lost-indexes.service.js';
import { VectorIndexesRepository } from './vector-indexes.repository.js';
import { VectorStore } from './vector-store.port.js';
import type { RegisteredIndex, VectorIndex } from './vector.types.js';

/** Another process may change what answers; this old may what is known of it be. */
const KNOWN_MS = 1000;

/** Knows which index answers, and has the store keep that one ready. */
@Injectable()
export class AnsweringIndex {
  private known: { indexes: RegisteredIndex[]; until: number } = { indexes: [], until: 0 };
  private used: string | undefined;
  private reading: Promise<RegisteredIndex[]> | undefined;

  constructor(
    private readonly store: VectorStore,
    private readonly indexes: VectorIndexesRepository,
    lost: LostIndexes,
  ) {
    lost.onNoted(() => (this.known.until = 0));
  }

  /** Null until an encoder was there. */
  async get(): Promise<RegisteredIndex | null> {
    const active = this.active();
    // An index that does not exist yet is looked for each time: the first vectors should count at once.
    if (active && this.known.until >= Date.now()) return active;
    await this.refresh();
    return this.active() ?? null;
  }

  /** Looks now. Callers that ask at the same time share one look. */
  refresh(): Promise<RegisteredIndex[]> {
    return (this.reading ??= this.look().finally(() => (this.reading = undefined)));
  }

  /** Has the store let go of what was made ready of other indexes. */
  letGo(): void {
    const active = this.active();
    if (active) this.store.use(active);
  }

  /**
   * The one of this encoder, also if it answered a moment ago or will; null while there is nothing to find.
   * @throws AppError `vector_store_unavailable` while vectors that are to be there are not
   */
  async of(modelId: string): Promise<VectorIndex | null> {
    const active = await this.get();
    if (!active) return this.none();
    if (active.modelId === modelId) return whole(active);
    const find = (): VectorIndex | undefined => this.known.indexes.find((index) => index.modelId === modelId);
    if (!find()) await this.refresh();
    const other = find();
    if (!other) throw otherEncoder();
    return other;
  }

  /** The active one, which such a vector fits. Null and throws as `of`. */
  async fitting(vector: Float32Array): Promise<VectorIndex | null> {
    let index = await this.get();
    if (index && index.dimensions !== vector.length) {
      await this.refresh();
      index = await this.get();
    }
    if (!index) return this.none();
    if (index.dimensions !== vector.length) throw otherEncoder();
    return whole(index);
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
function whole(index: RegisteredIndex): RegisteredIndex {
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
