import { setTimeout as sleep } from 'node:timers/promises';
import { ChromaClient, IncludeEnum, type Collection } from 'chromadb';
import { lookTwice } from '../../look-twice.js';
import { VectorStore, type VectorWrite } from '../../vector-store.port.js';
import type {
  Feedback,
  VectorHit,
  VectorIndex,
  VectorQuery,
  VectorRecord,
  VersionCount,
} from '../../vector.types.js';
import { ChromaConnection, isMissing, noIndex, noPlace, type ChromaOptions } from './chroma-connection.js';
import { cosineDistance, idsOf, predicate, toHit, type Metadata } from './chroma-records.js';

const FIRST_COLLECTION = 'documents';
/** Small enough for the size limit of a request at any dimension; the server takes up to 5,461. */
const BATCH = 256;
const LISTED = 1000;
/** Chroma searches with 100 by default, which misses a part of a top 100. */
const EF_SEARCH = 200;
/** Within a second every process has looked at the state of the indexes anew. */
const ANNOUNCED_MS = 1_500;

/**
 * Vectors in ChromaDB, one collection for each index. It shares no transaction with PostgreSQL: wrap it in
 * `CheckedVectorStore`.
 */
export class ChromaStore extends VectorStore {
  private readonly connection: ChromaConnection;
  /** Collection id by index id. */
  private readonly ids = new Map<string, string>();

  /**
   * @param onMissing called when the server has no collection for an index, before one is made; tells whether it held
   * something
   */
  constructor(
    options: ChromaOptions,
    private readonly onMissing: (index: VectorIndex) => Promise<boolean> = () => Promise.resolve(false),
  ) {
    super();
    this.connection = new ChromaConnection(options);
  }

  /** Any server will do. */
  async assertUsable(): Promise<void> {}

  async createIndex(index: VectorIndex): Promise<void> {
    if ((await this.lookUp(index)) !== undefined) return;
    // Other processes hear that it is lost before they could take an empty collection for all there is.
    if (await this.missing(index)) await sleep(ANNOUNCED_MS);
    this.ids.set(index.id, await this.connection.write((client) => create(client, index)));
  }

  use(): void {}

  async prepare(): Promise<void> {}

  async follow(): Promise<void> {}

  async dropIndex(index: VectorIndex): Promise<void> {
    await this.connection.write(async (client) => {
      const collection = await find(client, index);
      if (collection) await client.deleteCollection({ name: collection.name }).catch(ignoreMissing);
    });
    this.ids.delete(index.id);
  }

  async upsert(index: VectorIndex, records: readonly VectorRecord[]): Promise<void> {
    // A repeated id inside one request is refused; the last one wins, as in two requests.
    const unique = [...new Map(records.map((record) => [record.chunkId, record])).values()];
    for (let start = 0; start < unique.length; start += BATCH) {
      const batch = unique.slice(start, start + BATCH);
      const request = {
        ids: batch.map((record) => record.chunkId),
        embeddings: batch.map((record) => Array.from(record.vector)),
        metadatas: batch.map((record) => ({
          collection_id: record.collectionId,
          document_id: record.documentId,
          version_id: record.versionId,
        })),
      };
      await this.writing(index, (collection) => collection.upsert(request));
    }
  }

  async query(index: VectorIndex, vector: Float32Array, query: VectorQuery): Promise<VectorHit[]> {
    const where = predicate(query);
    if (!where || query.topK < 1) return [];
    const result = await this.reading(index, (collection) =>
      collection.query<Metadata>({
        queryEmbeddings: [Array.from(vector)],
        nResults: query.topK,
        where,
        include: [IncludeEnum.distances, IncludeEnum.metadatas],
      }),
    );
    const [ids = []] = idsOf(result.ids, 1);
    const hits = ids
      .flatMap((id, i) => toHit(id, result.metadatas[0]?.[i], result.distances[0]?.[i]))
      .sort((a, b) => a.distance - b.distance || (a.chunkId < b.chunkId ? -1 : 1));
    return [...hits, ...(await this.scores(index, vector, query.include ?? []))];
  }

  queryTwice(
    index: VectorIndex,
    vector: Float32Array,
    feedback: Feedback,
    query: VectorQuery,
  ): Promise<VectorHit[]> {
    return lookTwice(this, index, vector, feedback, query);
  }

  async scores(index: VectorIndex, vector: Float32Array, chunkIds: readonly string[]): Promise<VectorHit[]> {
    if (chunkIds.length === 0) return [];
    const result = await this.reading(index, (collection) =>
      collection.get<Metadata>({
        ids: [...new Set(chunkIds)],
        include: [IncludeEnum.embeddings, IncludeEnum.metadatas],
      }),
    );
    return idsOf(result.ids, 0).flatMap((id, i) => {
      const embedding = result.embeddings[i];
      return toHit(id, result.metadatas[i], embedding && cosineDistance(vector, embedding));
    });
  }

  async vectors(index: VectorIndex, chunkIds: readonly string[]): Promise<Map<string, Float32Array>> {
    if (chunkIds.length === 0) return new Map();
    const { ids, embeddings } = await this.reading(index, (collection) =>
      collection.get({ ids: [...new Set(chunkIds)], include: [IncludeEnum.embeddings] }),
    );
    return new Map(
      idsOf(ids, 0).flatMap((id, i) => (embeddings[i] ? [[id, Float32Array.from(embeddings[i])]] : [])),
    );
  }

  /** It shares no transaction with PostgreSQL: who shows them is asked before anything that is found is shown. */
  async prepareShow(index: VectorIndex, records: readonly VectorRecord[]): Promise<VectorWrite> {
    await this.upsert(index, records);
    return () => Promise.resolve();
  }

  async deleteVersions(index: VectorIndex, versionIds: readonly string[]): Promise<void> {
    // An empty list would throw in the client, and an empty predicate would delete everything.
    if (versionIds.length === 0) return;
    const id = this.ids.get(index.id) ?? (await this.lookUp(index));
    const remove = (from: string): Promise<unknown> =>
      this.connection.write((client) =>
        client.collection(from).delete({ where: { version_id: { $in: [...versionIds] } } }),
      );
    // Where there is no collection, there is nothing to remove.
    if (id === undefined) return await this.connection.check();
    await remove(id).catch(async (error: unknown) => {
      if (!isMissing(error)) throw error;
      const now = await this.lookUp(index);
      if (now !== undefined) await remove(now);
    });
  }

  async *storedVersions(index: VectorIndex): AsyncIterable<VersionCount> {
    const counts = new Map<string, number>();
    if ((await this.lookUp(index)) === undefined) {
      await this.connection.check();
      return;
    }
    // Chroma neither groups nor sorts: each vector is looked at once.
    for (let offset = 0; ; offset += LISTED) {
      const page = await this.reading(index, (collection) =>
        collection.get<Metadata>({ limit: LISTED, offset, include: [IncludeEnum.metadatas] }),
      );
      for (const metadata of page.metadatas)
        if (metadata) counts.set(metadata.version_id, (counts.get(metadata.version_id) ?? 0) + 1);
      if (idsOf(page.ids, 0).length < LISTED) break;
    }
    for (const [versionId, vectors] of counts) yield { versionId, vectors };
  }

  count(index: VectorIndex): Promise<number> {
    return this.reading(index, (collection) => collection.count());
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async ping(): Promise<void> {
    await this.connection.check();
  }

  /** Reads from an index's collection. @throws AppError `vector_store_unavailable` where the server has none */
  private async reading<T>(index: VectorIndex, work: (collection: Collection) => Promise<T>): Promise<T> {
    const done = await this.inKnown(index, 'read', work);
    if (done) return done.result;
    const id = await this.lookUp(index);
    if (id === undefined) {
      await this.missing(index);
      throw noIndex();
    }
    return this.connection.read((client) => work(client.collection(id)));
  }

  /** Writes into an index's collection; one that somebody removed or that a new server lacks is made again. */
  private async writing(index: VectorIndex, work: (collection: Collection) => Promise<void>): Promise<void> {
    if (await this.inKnown(index, 'write', work)) return;
    await this.createIndex(index);
    const id = this.ids.get(index.id) ?? '';
    await this.connection.write((client) => work(client.collection(id)));
  }

  /** Undefined where the collection is not known or no longer there. */
  private async inKnown<T>(
    index: VectorIndex,
    kind: 'read' | 'write',
    work: (collection: Collection) => Promise<T>,
  ): Promise<{ result: T } | undefined> {
    const known = this.ids.get(index.id);
    if (known === undefined) return undefined;
    try {
      return { result: await this.connection[kind]((client) => work(client.collection(known))) };
    } catch (error) {
      if (!isMissing(error)) throw error;
      return undefined;
    }
  }

  /** The id of an index's collection as the server has it now. */
  private async lookUp(index: VectorIndex): Promise<string | undefined> {
    this.ids.delete(index.id);
    const found = await this.connection.read((client) => find(client, index));
    if (found) this.ids.set(index.id, found.id);
    return found?.id;
  }

  private async missing(index: VectorIndex): Promise<boolean> {
    // A wrong tenant or database has no collections either, and loses none.
    await this.connection.check();
    return await this.onMissing(index);
  }
}

const ownName = (index: VectorIndex): string => `${FIRST_COLLECTION}-${index.id}`;

async function find(client: ChromaClient, index: VectorIndex): Promise<Collection | null> {
  for (const name of [ownName(index), FIRST_COLLECTION]) {
    const collection = await client.getCollection({ name }).catch(ignoreMissing);
    if (collection?.metadata?.['index_id'] === index.id) return collection;
  }
  return null;
}

/** The first index gets the plain name; whoever finds it taken, also in a race, takes a name of its own. */
async function create(client: ChromaClient, index: VectorIndex): Promise<string> {
  const existing = await find(client, index);
  if (existing) return existing.id;
  for (const name of [FIRST_COLLECTION, ownName(index)]) {
    const made = client.getOrCreateCollection({
      name,
      // null, not undefined: the client would load an encoder of its own.
      embeddingFunction: null,
      configuration: { hnsw: { space: 'cosine', ef_search: EF_SEARCH } },
      metadata: { index_id: index.id, model_id: index.modelId, dimensions: index.dimensions },
    });
    const collection = await made.catch((error: unknown) => {
      throw isMissing(error) ? noPlace(error) : error;
    });
    if (collection.metadata?.['index_id'] === index.id) return collection.id;
  }
  throw new Error(`the ChromaDB collection ${ownName(index)} belongs to something else`);
}

function ignoreMissing(error: unknown): null {
  if (isMissing(error)) return null;
  throw error;
}
