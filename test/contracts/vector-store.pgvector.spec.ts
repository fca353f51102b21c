import { randomUUID } from 'node:crypto';
import { PgVectorLog } from '../../src/vector/adapters/pgvector/pgvector-log.js';
import { PgVectorStore } from '../../src/vector/adapters/pgvector/pgvector-store.js';
import { bruteForce, describeVectorStore, randomNumbers, randomVector } from './vector-store.contract.js';
import { addCollections, addDocuments, startDatabase } from './vector-store.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;
let store: PgVectorStore;
let log: PgVectorLog;

beforeAll(async () => {
  database = await startDatabase();
  store = new PgVectorStore(database.dataSource);
  log = new PgVectorLog(database.dataSource);
});
afterAll(() => database.stop());

describe('pgvector', () => {
  describeVectorStore(() => ({ store, dataSource: database.dataSource }));

  test('a reader of everything is served by the graph, one of 0.1 % by a scan: both full, the latter exact', async () => {
    const random = randomNumbers(7);
    const index = { id: randomUUID(), modelId: 'm', dimensions: 16 };
    await store.createIndex(index);
    const { dataSource } = database;
    const [wide = '', narrow = ''] = await addCollections(dataSource, 2);
    const documents = await addDocuments(
      dataSource,
      Array.from({ length: 4000 }, (_, i) => (i % 1000 < 3 ? narrow : wide)),
    );
    const records = documents.map((document) => ({
      ...document,
      chunkId: randomUUID(),
      vector: randomVector(random, 16),
    }));
    await store.upsert(index, records);
    await log.buildGraph(index);
    let found = 0;
    for (let round = 0; round < 10; round++) {
      const vector = randomVector(random, 16);
      const all = await store.query(index, vector, { topK: 50, collectionIds: [wide, narrow] });
      expect(all).toHaveLength(50);
      expect(all.map((hit) => hit.distance)).toEqual(all.map((hit) => hit.distance).sort((a, b) => a - b));
      const best = new Set(bruteForce(records, vector, 50, () => true));
      found += all.filter((hit) => best.has(hit.chunkId)).length;
      const few = await store.query(index, vector, { topK: 10, collectionIds: [narrow] });
      expect(few.map((hit) => hit.chunkId)).toEqual(
        bruteForce(records, vector, 10, (record) => record.collectionId === narrow),
      );
    }
    expect(found / 500).toBeGreaterThan(0.95);
  });

  test('a graph left with hardly anything visible still fills the top-k', async () => {
    const random = randomNumbers(8);
    const index = { id: randomUUID(), modelId: 'm', dimensions: 16 };
    await store.createIndex(index);
    const { dataSource } = database;
    const [collection = ''] = await addCollections(dataSource, 1);
    const documents = await addDocuments(
      dataSource,
      Array.from({ length: 2500 }, () => collection),
    );
    const records = documents.map((document) => ({
      ...document,
      chunkId: randomUUID(),
      vector: randomVector(random, 16),
    }));
    await store.upsert(index, records);
    await log.buildGraph(index);
    await log.buildGraph(index);
    const kept = new Set(documents.filter((_, i) => i % 100 === 0).map((document) => document.documentId));
    await dataSource.query(
      'update documents set deleted_at = now() where collection_id = $1 and not id = any($2)',
      [collection, [...kept]],
    );
    const vector = randomVector(random, 16);
    const hits = await store.query(index, vector, { topK: 25, collectionIds: [collection] });
    expect(hits.map((hit) => hit.chunkId)).toEqual(
      bruteForce(records, vector, 25, (record) => kept.has(record.documentId)),
    );
  });

  test('processes that create the same index at once all succeed', async () => {
    const index = { id: randomUUID(), modelId: 'm', dimensions: 8 };
    await Promise.all(Array.from({ length: 4 }, () => store.createIndex(index)));
    expect(await store.count(index)).toBe(0);
  });

  test('a server without the extension is told what to add', async () => {
    const bare = await startDatabase({});
    const expected = { name: 'StartError', message: expect.stringMatching(/pgvector.*CHROMA_URL/) };
    try {
      const lacking = new PgVectorStore(bare.dataSource);
      await expect(lacking.assertUsable()).rejects.toMatchObject(expected);
      await expect(
        lacking.createIndex({ id: randomUUID(), modelId: 'm', dimensions: 8 }),
      ).rejects.toMatchObject(expected);
    } finally {
      await bare.stop();
    }
  });

  test('vectors too long for the graph are scanned', async () => {
    const random = randomNumbers(9);
    const index = { id: randomUUID(), modelId: 'm', dimensions: 2500 };
    await store.createIndex(index);
    const [collection = ''] = await addCollections(database.dataSource, 1);
    const documents = await addDocuments(database.dataSource, [collection, collection, collection]);
    const records = documents.map((document) => ({
      ...document,
      chunkId: randomUUID(),
      vector: randomVector(random, 2500),
    }));
    await store.upsert(index, records);
    const vector = randomVector(random, 2500);
    const hits = await store.query(index, vector, { topK: 2, collectionIds: [collection] });
    expect(hits.map((hit) => hit.chunkId)).toEqual(bruteForce(records, vector, 2, () => true));
  });
});
