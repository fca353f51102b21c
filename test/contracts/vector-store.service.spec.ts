import { randomUUID } from 'node:crypto';
import { loadSettings } from '../../src/config/load-settings.js';
import { PgVectorStore } from '../../src/vector/adapters/pgvector/pgvector-store.js';
import { AnsweringIndex } from '../../src/vector/answering-index.service.js';
import { LostIndexes } from '../../src/vector/lost-indexes.service.js';
import { VectorIndexesRepository } from '../../src/vector/vector-indexes.repository.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { VectorIndex } from '../../src/vector/vector.types.js';
import { addCollections, addDocuments, startDatabase } from './vector-store.database.js';
import type { TestDatabase } from '../support/memory-database.js';

let database: TestDatabase;
const dataDir = mkdtempSync(path.join(tmpdir(), 'vector-service-'));

/** As another process has it: nothing shared but the database. */
function newService(): VectorService {
  const settings = loadSettings({ DATA_DIR: dataDir }, '0.0.0');
  const indexes = new VectorIndexesRepository(database.dataSource, settings);
  const store = new PgVectorStore(database.dataSource);
  const lost = new LostIndexes(indexes);
  return new VectorService(store, indexes, lost, new AnsweringIndex(store, indexes, lost));
}

type Encoder = Parameters<VectorService['ensureIndex']>[0];

async function ensure(service: VectorService, encoder: Encoder): Promise<VectorIndex> {
  const index = await service.ensureIndex(encoder);
  if (!index) throw new Error('another encoder is in use');
  return index;
}

beforeAll(async () => {
  database = await startDatabase();
});
afterAll(async () => {
  await database.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const states = async (): Promise<string[]> => {
  const rows = await database.dataSource.query<{ model_id: string; state: string }[]>(
    'select model_id, state from vector_indexes order by model_id',
  );
  return rows.map((row) => `${row.model_id} ${row.state}`);
};

async function record(vector: Float32Array) {
  const [document] = await addDocuments(database.dataSource, await addCollections(database.dataSource, 1));
  if (!document) throw new Error('no document');
  return { ...document, chunkId: randomUUID(), vector };
}

describe('VectorService', () => {
  test('before there is an encoder nothing is found and nothing fails', async () => {
    const service = newService();
    expect(await service.activeIndex()).toBeNull();
    expect(await service.count()).toBe(0);
    expect(await service.query(new Float32Array(4), { topK: 3, collectionIds: [randomUUID()] })).toEqual([]);
    expect(await service.scores(new Float32Array(4), [randomUUID()])).toEqual([]);
    await service.deleteVersions([randomUUID()]);
    await service.ping();
  });

  test('processes that start at once get one and the same index', async () => {
    const services = Array.from({ length: 4 }, newService);
    const indexes = await Promise.all(services.map((s) => ensure(s, { modelId: 'a', dimensions: 4 })));
    expect(new Set(indexes.map((index) => index.id)).size).toBe(1);
    expect(await states()).toEqual(['a active']);
    expect(await newService().activeIndex()).toMatchObject({ ...indexes[0]!, state: 'active' });
  });

  test('another encoder retires the index, the first one comes back with its vectors', async () => {
    const service = newService();
    const first = await ensure(service, { modelId: 'a', dimensions: 4 });
    const kept = await record(Float32Array.of(1, 0, 0, 0));
    await service.upsert(first, [kept]);
    const second = await ensure(service, { modelId: 'b', dimensions: 3 });
    expect(await states()).toEqual(['a retired', 'b active']);
    expect(await service.activeIndex()).toMatchObject(second);
    expect(await service.count()).toBe(0);
    expect(await ensure(service, { modelId: 'a', dimensions: 4 })).toEqual(first);
    expect(await states()).toEqual(['a active', 'b retired']);
    const hits = await service.query(Float32Array.of(1, 0, 0, 0), {
      topK: 1,
      collectionIds: [kept.collectionId],
    });
    expect(hits).toEqual([expect.objectContaining({ chunkId: kept.chunkId })]);
  });

  test('a version is removed from every index', async () => {
    const service = newService();
    const doomed = await record(Float32Array.of(0, 1, 0, 0));
    const a = await ensure(service, { modelId: 'a', dimensions: 4 });
    const b = await ensure(service, { modelId: 'b', dimensions: 3 });
    await service.upsert(a, [doomed]);
    await service.upsert(b, [{ ...doomed, vector: Float32Array.of(0, 1, 0) }]);
    await service.deleteVersions([doomed.versionId]);
    const store = new PgVectorStore(database.dataSource);
    expect(await store.scores(a, Float32Array.of(0, 1, 0, 0), [doomed.chunkId])).toEqual([]);
    expect(await store.scores(b, Float32Array.of(0, 1, 0), [doomed.chunkId])).toEqual([]);
  });

  test('refuses vectors that do not fit or have no direction', async () => {
    const service = newService();
    const index = await ensure(service, { modelId: 'a', dimensions: 4 });
    for (const vector of [Float32Array.of(1, 2), new Float32Array(4), Float32Array.of(1, NaN, 0, 0)])
      await expect(service.upsert(index, [await record(vector)])).rejects.toThrow(/not a vector of 4/);
    await expect(
      service.query(Float32Array.of(1, 2), { topK: 1, collectionIds: [randomUUID()] }),
    ).rejects.toMatchObject({ code: 'vector_store_unavailable' });
  });

  test('the same model with other dimensions is a start error that says so', async () => {
    await expect(newService().ensureIndex({ modelId: 'a', dimensions: 8 })).rejects.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('8 dimensions'),
    });
  });

  test('a retired index is dropped once nobody wants it back, and its encoder gets a new one', async () => {
    const service = newService();
    const old = await ensure(service, { modelId: 'old', dimensions: 4 });
    await service.upsert(old, [await record(Float32Array.of(1, 0, 0, 0))]);
    await ensure(service, { modelId: 'new', dimensions: 4 });
    expect(await service.dropRetired(3600)).toBe(0);
    expect(await service.dropRetired(-1)).toBeGreaterThan(0);
    expect((await service.list()).map(({ modelId, state }) => `${modelId} ${state}`)).toEqual(['new active']);
    const [left] = await database.dataSource.query<{ n: number }[]>(
      'select count(*)::int as n from pg_tables where tablename like $1',
      [`%${old.id.replaceAll('-', '')}%`],
    );
    expect(left?.n).toBe(0);
    const again = await ensure(service, { modelId: 'old', dimensions: 4 });
    expect(again.id).not.toBe(old.id);
    expect(await service.count()).toBe(0);
  });
});
