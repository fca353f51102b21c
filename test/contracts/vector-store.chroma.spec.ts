import { randomUUID } from 'node:crypto';
import { ActiveVersionsRepository } from '../../src/vector/active-versions.repository.js';
import { ChromaStore } from '../../src/vector/adapters/chroma/chroma-store.js';
import { CheckedVectorStore } from '../../src/vector/checked-vector-store.js';
import { CHROMA_MISSING, chromaBinary, freePort, startChroma, type ChromaServer } from '../support/chroma.js';
import { describeVectorStore, randomNumbers, randomVector } from './vector-store.contract.js';
import { addCollections, addDocuments, startDatabase } from './vector-store.database.js';
import type { TestDatabase } from '../support/memory-database.js';

const binary = chromaBinary();
if (!binary) {
  if (process.env['REQUIRE_SHARED'] === '1') throw new Error(CHROMA_MISSING);
  console.warn(`skipped: ${CHROMA_MISSING}`);
}

const place = { tenant: 'default_tenant', database: 'default_database' };

(binary ? describe : describe.skip)('ChromaDB', () => {
  let server: ChromaServer;
  let database: TestDatabase;
  let store: CheckedVectorStore;

  beforeAll(async () => {
    [server, database] = await Promise.all([startChroma(binary ?? ''), startDatabase()]);
    store = new CheckedVectorStore(
      new ChromaStore({ url: server.url, ...place }),
      new ActiveVersionsRepository(database.dataSource),
    );
  });
  afterAll(async () => {
    await server?.stop();
    await database?.stop();
  });

  const index = () => ({ id: randomUUID(), modelId: 'm', dimensions: 8 });
  const listed = async (): Promise<string[]> => {
    const path = `tenants/${place.tenant}/databases/${place.database}/collections`;
    const response = await fetch(`${server.url}/api/v2/${path}`);
    return ((await response.json()) as { name: string }[]).map((collection) => collection.name);
  };

  test('the first collection is called documents, later ones carry the id of their index', async () => {
    const [first, second] = [index(), index()];
    await store.createIndex(first);
    await store.createIndex(second);
    await store.createIndex(first);
    expect((await listed()).sort()).toEqual(['documents', `documents-${second.id}`]);
    await store.dropIndex(first);
    await store.createIndex(second);
    expect(await listed()).toEqual([`documents-${second.id}`]);
    await store.dropIndex(second);
  });

  test('processes that create the same index at once share one collection', async () => {
    const shared = index();
    const stores = Array.from({ length: 4 }, () => new ChromaStore({ url: server.url, ...place }));
    await Promise.all(stores.map((one) => one.createIndex(shared)));
    expect(await listed()).toHaveLength(1);
    await store.dropIndex(shared);
  });

  test('a collection that disappeared is made again', async () => {
    const lost = index();
    await store.createIndex(lost);
    await new ChromaStore({ url: server.url, ...place }).dropIndex(lost);
    expect(await store.count(lost)).toBe(0);
    await store.dropIndex(lost);
  });

  test('holds no text', async () => {
    const plain = index();
    await store.createIndex(plain);
    const collectionIds = await addCollections(database.dataSource, 1);
    const [document] = await addDocuments(database.dataSource, collectionIds);
    if (!document) throw new Error('no document');
    await store.upsert(plain, [
      { ...document, chunkId: randomUUID(), vector: randomVector(randomNumbers(1), 8) },
    ]);
    const base = `${server.url}/api/v2/tenants/${place.tenant}/databases/${place.database}/collections`;
    const found = (await (await fetch(`${base}/documents`)).json()) as { id: string };
    const response = await fetch(`${base}/${found.id}/get`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ include: ['documents', 'metadatas', 'uris'] }),
    });
    const held = (await response.json()) as { documents: unknown[]; metadatas: object[] };
    expect(held.documents).toEqual([null]);
    expect(Object.keys(held.metadatas[0] ?? {}).sort()).toEqual([
      'collection_id',
      'document_id',
      'version_id',
    ]);
    await store.dropIndex(plain);
  });

  test('a server that is down or silent is one error, soon, and heals by itself', async () => {
    const unavailable = expect.objectContaining({ code: 'vector_store_unavailable', status: 503 });
    const nobody = new ChromaStore({ url: `http://127.0.0.1:${await freePort()}`, ...place });
    await expect(nobody.ping()).rejects.toEqual(unavailable);
    await expect(nobody.createIndex(index())).rejects.toEqual(unavailable);

    const hasty = new ChromaStore({ url: server.url, ...place, timeout: 300 });
    await server.pause();
    try {
      const started = performance.now();
      await expect(hasty.ping()).rejects.toEqual(unavailable);
      await expect(hasty.ping()).rejects.toEqual(unavailable);
      // By itself it would wait for minutes.
      expect(performance.now() - started).toBeLessThan(20_000);
    } finally {
      server.resume();
    }
    const healed = (): Promise<boolean> =>
      hasty.ping().then(
        () => true,
        () => false,
      );
    for (const until = performance.now() + 60_000; !(await healed());) {
      expect(performance.now()).toBeLessThan(until);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  });

  describe('behaves as a vector store', () => {
    describeVectorStore(() => ({ store, dataSource: database.dataSource }));
  });
});
