import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { MetadataFilter } from '../../src/common/filter/metadata-filter.js';
import { MOST_RANKED } from '../../src/common/search/best-chosen.js';
import { PgVectorLog } from '../../src/vector/adapters/pgvector/pgvector-log.js';
import { PgVectorStore } from '../../src/vector/adapters/pgvector/pgvector-store.js';
import { CommitWatch } from '../../src/database/commit-watch.js';
import { IndexHead } from '../../src/database/index-head.js';
import { retireVersions } from '../../src/database/index-log.js';
import { ActiveVersionsRepository } from '../../src/vector/active-versions.repository.js';
import { CheckedVectorStore } from '../../src/vector/checked-vector-store.js';
import { HeldVectorStore } from '../../src/vector/held/held-vector-store.js';
import type { VectorRecord } from '../../src/vector/vector.types.js';
import { describeVectorStore, randomNumbers, randomVector } from './vector-store.contract.js';
import { addCollections, addDocuments, startDatabase } from './vector-store.database.js';
import { StoppedClock } from '../support/clock.js';
import type { TestDatabase } from '../support/memory-database.js';

const DIMENSIONS = 32;
const ROOMY = 64 * 1024 * 1024;

let database: TestDatabase;
const opened: HeldVectorStore[] = [];
const watch = new CommitWatch(true);

beforeAll(async () => {
  database = await startDatabase();
  database.dataSource.subscribers.push(watch);
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(() => database.stop());

/** One process: its memory around the database that all share. */
function process(options: { shared: boolean; maxBytes?: number; mostBytes?: number; pollMs?: number }) {
  const inner = new PgVectorStore(database.dataSource);
  const log = new PgVectorLog(database.dataSource);
  const held = new HeldVectorStore(inner, log, {
    maxBytes: ROOMY,
    head: new IndexHead(database.dataSource, options.shared ? new CommitWatch(false) : watch),
    ...options,
  });
  opened.push(held);
  return { inner, held, log };
}

async function records(count: number): Promise<VectorRecord[]> {
  const random = randomNumbers(count);
  const [collectionId = ''] = await addCollections(database.dataSource, 1);
  const documents = await addDocuments(
    database.dataSource,
    Array.from({ length: count }, () => collectionId),
  );
  return documents.map((document) => ({
    ...document,
    chunkId: randomUUID(),
    vector: randomVector(random, DIMENSIONS),
  }));
}

const newIndex = () => ({ id: randomUUID(), modelId: randomUUID(), dimensions: DIMENSIONS });

describe.each([{ shared: false }, { shared: true }])('vectors in memory, shared: $shared', (options) => {
  describeVectorStore(
    () => {
      const { held } = process(options);
      const versions = new ActiveVersionsRepository(database.dataSource);
      return { store: new CheckedVectorStore(held, versions, true), dataSource: database.dataSource };
    },
    { sees: 'log' },
  );
});

describe('vectors in memory', () => {
  test('what stood in the database before is loaded, and the memory then answers', async () => {
    const index = newIndex();
    const first = process({ shared: false });
    await first.held.createIndex(index);
    const all = await records(700);
    await first.inner.upsert(index, all);
    const { held, inner } = process({ shared: false });
    await held.createIndex(index);
    await held.settled();
    const refuse = () => Promise.reject(new Error('the database was asked'));
    inner.query = refuse;
    inner.scores = refuse;
    const probe = all[3]!;
    const hits = await held.query(index, probe.vector, { topK: 3, collectionIds: [probe.collectionId] });
    expect(hits[0]).toMatchObject({ chunkId: probe.chunkId, documentId: probe.documentId });
    expect(await held.scores(index, probe.vector, [all[5]!.chunkId])).toHaveLength(1);
  });

  test('a process sees what another one wrote and removed, at its next query', async () => {
    const index = newIndex();
    const [writer, reader] = [process({ shared: true }), process({ shared: true })];
    await writer.held.createIndex(index);
    await reader.held.createIndex(index);
    await reader.held.settled();
    const all = await records(300);
    const query = { topK: 300, collectionIds: [all[0]!.collectionId] };
    await writer.held.upsert(index, all);
    expect(await reader.held.query(index, all[0]!.vector, query)).toHaveLength(300);
    const gone = all.slice(0, 10).map((record) => record.versionId);
    await database.dataSource.query(
      `insert into retired_versions (sequence, version_id) select nextval('index_sequence'), unnest($1::uuid[])`,
      [gone],
    );
    expect(await reader.held.query(index, all[0]!.vector, query)).toHaveLength(290);
    // Vectors of a retired version that come late stay out.
    await writer.held.upsert(index, all.slice(0, 1));
    expect(await reader.held.query(index, all[0]!.vector, query)).toHaveLength(290);
  });

  test.each([false, true])(
    'a process that slept for longer than retirements are kept loads again (shared: %s)',
    async (shared) => {
      const index = newIndex();
      const { held, inner } = process({ shared, pollMs: 3_600_000 });
      await held.createIndex(index);
      await held.settled();
      const all = await records(20);
      await held.upsert(index, all);
      const query = { topK: 50, collectionIds: [all[0]!.collectionId] };
      const ask = () => held.query(index, all[0]!.vector, query);
      expect(await ask()).toHaveLength(20);
      await database.dataSource.transaction(async (tx) => {
        const { documentId, versionId } = all[1]!;
        await tx.query('update documents set deleted_at = now() where id = $1', [documentId]);
        await retireVersions(tx, [versionId]);
      });
      await database.dataSource.query('delete from retired_versions');
      const clock = new StoppedClock();
      try {
        clock.pass(25 * 3600);
        // The first one is answered by the store, which `CheckedVectorStore` stands around.
        await ask();
        await held.settled();
        inner.query = () => Promise.reject(new Error('the database was asked'));
        const found = (await ask()).map(({ chunkId }) => chunkId).toSorted();
        const left = all.filter((record) => record !== all[1]);
        expect(found).toEqual(left.map(({ chunkId }) => chunkId).toSorted());
      } finally {
        clock.goOn();
      }
    },
  );

  test('a query that was followed for counts as of then', async () => {
    const index = newIndex();
    const { held, log } = process({ shared: false });
    await held.createIndex(index);
    await held.settled();
    const all = await records(20);
    await held.upsert(index, all);
    const retire = (version: string) =>
      database.dataSource.transaction((tx) =>
        tx.query(
          `insert into retired_versions (sequence, version_id) values (nextval('index_sequence'), $1)`,
          [version],
        ),
      );
    const query = { topK: 50, collectionIds: [all[0]!.collectionId] };
    const found = async (followed: boolean) =>
      (await held.query(index, all[0]!.vector, { ...query, followed })).length;
    await retire(all[1]!.versionId);
    await held.follow(index);
    const look = log.retiredAfter.bind(log);
    log.retiredAfter = () => Promise.reject(new Error('the database was asked'));
    expect(await found(true)).toBe(19);
    log.retiredAfter = look;
    await retire(all[2]!.versionId);
    expect(await found(true)).toBe(19);
    expect(await found(false)).toBe(18);
  });

  test.each([
    ['it may have', { maxBytes: 50_000 }],
    ['one index can have', { mostBytes: 50_000 }],
  ])('an index that needs more memory than %s is searched in the database', async (_, limit) => {
    const index = newIndex();
    const { held } = process({ shared: false, ...limit });
    await held.createIndex(index);
    await held.settled();
    const all = await records(2000);
    await held.upsert(index, all);
    const probe = all[1500]!;
    const [hit] = await held.query(index, probe.vector, { topK: 1, collectionIds: [probe.collectionId] });
    expect(hit?.chunkId).toBe(probe.chunkId);
    // The database is helped along: it gets its graph.
    const deadline = Date.now() + 200_000;
    const graphs = () =>
      database.dataSource.query<unknown[]>(
        `select 1 from pg_indexes where indexname = 'vectors_' || $1 || '_hnsw_idx'`,
        [index.id.replaceAll('-', '')],
      );
    while ((await graphs()).length === 0 && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await graphs()).toHaveLength(1);
  });

  test('an index that is prepared is held beside the one in use, takes its place, and the other one goes', async () => {
    const [before, after] = [newIndex(), newIndex()];
    const { held, inner } = process({ shared: false });
    await held.createIndex(before);
    await held.createIndex(after);
    expect(held.heldIds()).toEqual([before.id]);
    const all = await records(20);
    await held.upsert(before, all);
    await held.upsert(after, all.slice(0, 5));
    const query = { topK: 50, collectionIds: [all[0]!.collectionId] };
    expect(await held.query(before, all[0]!.vector, query)).toHaveLength(20);
    // Nobody is moved out of memory by a look at another index.
    expect(await held.query(after, all[0]!.vector, query)).toHaveLength(5);
    expect(held.heldIds()).toEqual([before.id]);
    await held.prepare(after);
    expect(held.heldIds().toSorted()).toEqual([before.id, after.id].toSorted());
    await held.upsert(after, all.slice(5, 7));
    await held.deleteVersions(after, [all[0]!.versionId]);
    held.use(after);
    expect(held.heldIds()).toEqual([after.id]);
    const asked = inner.query.bind(inner);
    inner.query = () => Promise.reject(new Error('the database was asked'));
    expect(await held.query(after, all[0]!.vector, query)).toHaveLength(6);
    inner.query = asked;
    expect(await held.query(before, all[0]!.vector, query)).toHaveLength(20);
  });

  test('two indexes that do not fit together are never held together', async () => {
    const [before, after] = [newIndex(), newIndex()];
    // 600 vectors of 32 dimensions take 70,000 to 120,000 bytes.
    const { held } = process({ shared: false, maxBytes: 130_000 });
    await held.createIndex(before);
    await held.createIndex(after);
    const all = await records(600);
    await held.upsert(before, all);
    await held.upsert(after, all);
    await held.prepare(after);
    expect(held.heldIds()).toEqual([before.id]);
    held.use(after);
    await held.settled();
    expect(held.heldIds()).toEqual([after.id]);
    const query = { topK: 1, collectionIds: [all[0]!.collectionId] };
    expect(await held.query(after, all[0]!.vector, query)).toMatchObject([{ chunkId: all[0]!.chunkId }]);
  });

  test.each([
    ['is allowed', { maxBytes: 20_000 }],
    ['can be had', { mostBytes: 18_000 }],
  ])('an index for which too little memory %s has its graph before it is used', async (_, limit) => {
    const [before, after] = [newIndex(), newIndex()];
    const { held, inner } = process({ shared: false, ...limit });
    await held.createIndex(before);
    await held.createIndex(after);
    await inner.upsert(after, await records(300));
    await held.prepare(after);
    const graphs = await database.dataSource.query<unknown[]>(
      `select 1 from pg_indexes where indexname = 'vectors_' || $1 || '_hnsw_idx'`,
      [after.id.replaceAll('-', '')],
    );
    expect(graphs).toHaveLength(1);
  });

  test.each([false, true])('vectors that were removed may come again (shared: %s)', async (shared) => {
    const index = newIndex();
    const { held } = process({ shared });
    await held.createIndex(index);
    await held.settled();
    const all = await records(12);
    const query = { topK: 50, collectionIds: [all[0]!.collectionId] };
    await held.upsert(index, all);
    await held.deleteVersions(index, [all[0]!.versionId]);
    expect(await held.query(index, all[0]!.vector, query)).toHaveLength(11);
    await held.upsert(index, all.slice(0, 1));
    expect(await held.query(index, all[0]!.vector, query)).toHaveLength(12);
  });
});

test.each([{ follows: true }, { follows: false }])(
  'what a filter chooses far from the query needs no ranking of all that is nearer, follows: $follows',
  async ({ follows }) => {
    const { held } = process({ shared: false });
    const store = new CheckedVectorStore(held, new ActiveVersionsRepository(database.dataSource), follows);
    const index = newIndex();
    await store.createIndex(index);
    const all = await records(4200);
    // Every other one lies on the side of the query.
    const isFar = new Set(all.filter((_, i) => i % 2 === 1).map(({ documentId }) => documentId));
    for (const { documentId, vector } of all) vector[0] = isFar.has(documentId) ? -5 : 5;
    await store.upsert(index, all);
    await held.settled();
    await database.dataSource.query('update documents set metadata = $2 where id = any($1::uuid[])', [
      [...isFar],
      { side: 'far' },
    ]);
    const collectionIds = [all[0]!.collectionId];
    const filter = MetadataFilter.parse({ side: 'far' });
    const vector = randomVector(randomNumbers(7), DIMENSIONS);
    vector[0] = 5;
    const ranked = await held.query(index, vector, { topK: all.length, collectionIds });
    const far = ranked.filter(({ documentId }) => isFar.has(documentId)).map(({ chunkId }) => chunkId);
    expect(far).toHaveLength(isFar.size);
    const asked = jest.spyOn(held, 'query');
    for (const topK of [1, 10, 100]) {
      const hits = await store.query(index, vector, { topK, collectionIds, filter });
      expect(hits.map(({ chunkId }) => chunkId)).toEqual(far.slice(0, topK));
    }
    const queries = asked.mock.calls.map(([, , query]) => query);
    expect(Math.max(...queries.map((query) => query.topK))).toBeLessThanOrEqual(MOST_RANKED);
    // Another server is told no more of them in one request than it takes.
    const named = queries.map(({ documentIds }) => documentIds?.length ?? 0);
    expect(Math.max(...named)).toBe(follows ? isFar.size : 2000);
  },
);
