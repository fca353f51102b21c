import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { MetadataFilter } from '../../src/common/filter/metadata-filter.js';
import type { VectorStore } from '../../src/vector/vector-store.port.js';
import type { VectorHit, VectorIndex, VectorRecord } from '../../src/vector/vector.types.js';
import {
  addCollections,
  addDocuments,
  deleteDocument,
  replaceVersion,
  type TestDocument,
} from './vector-store.database.js';

export interface Subject {
  store: VectorStore;
  dataSource: DataSource;
}

const DIMENSIONS = 32;

/** Repeatable numbers from 0 to 1. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const randomVector = (random: () => number, dimensions = DIMENSIONS): Float32Array =>
  Float32Array.from({ length: dimensions }, () => random() * 2 - 1);

export function cosineDistance(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  a.forEach((x, i) => {
    const y = b[i] ?? 0;
    dot += x * y;
    aa += x * x;
    bb += y * y;
  });
  return 1 - dot / Math.sqrt(aa * bb);
}

/** What a store must answer, computed the slow and certain way. */
export function bruteForce(
  records: readonly VectorRecord[],
  vector: Float32Array,
  topK: number,
  visible: (record: VectorRecord) => boolean,
): string[] {
  return records
    .filter(visible)
    .map((record) => ({ id: record.chunkId, distance: cosineDistance(record.vector, vector) }))
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, topK)
    .map((hit) => hit.id);
}

const chunkIds = (hits: readonly VectorHit[]): string[] => hits.map((hit) => hit.chunkId);

/** What every vector store does, run by each adapter as the application uses it. */
export function describeVectorStore(
  subject: () => Subject,
  { sees = 'moves' }: { sees?: 'moves' | 'log' } = {},
): void {
  const random = randomNumbers(20_261_123);
  const newIndex = (): VectorIndex => ({ id: randomUUID(), modelId: randomUUID(), dimensions: DIMENSIONS });
  const recordOf = (document: TestDocument, vector = randomVector(random)): VectorRecord => ({
    ...document,
    chunkId: randomUUID(),
    vector,
  });

  async function filled(size: number, collections = 1) {
    const { store, dataSource } = subject();
    const index = newIndex();
    await store.createIndex(index);
    const collectionIds = await addCollections(dataSource, collections);
    const places = Array.from({ length: size }, (_, i) => collectionIds[i % collections] ?? '');
    const documents = await addDocuments(dataSource, places);
    const records = documents.map((document) => recordOf(document));
    await store.upsert(index, records);
    return { store, dataSource, index, collectionIds, documents, records };
  }

  test('creating an index twice keeps what it holds; dropping it twice is no error', async () => {
    const { store, index, records } = await filled(3);
    await store.createIndex(index);
    expect(await store.count(index)).toBe(records.length);
    await store.dropIndex(index);
    await store.dropIndex(index);
    await store.createIndex(index);
    expect(await store.count(index)).toBe(0);
    await store.dropIndex(index);
  });

  test('tells how many vectors it holds of which version', async () => {
    const { store, index, records, documents } = await filled(4);
    const [first] = documents;
    if (!first) throw new Error('no document');
    const more = { ...recordOf(first), chunkId: randomUUID() };
    await store.upsert(index, [more]);
    const told = async (): Promise<Map<string, number>> => {
      const found = new Map<string, number>();
      for await (const { versionId, vectors } of store.storedVersions(index)) {
        expect(found.has(versionId)).toBe(false);
        found.set(versionId, vectors);
      }
      return found;
    };
    const expected = new Map(records.map((record) => [record.versionId, 1]));
    expected.set(first.versionId, 2);
    expect(await told()).toEqual(expected);
    await store.deleteVersions(index, [first.versionId]);
    expected.delete(first.versionId);
    expect(await told()).toEqual(expected);
    await store.dropIndex(index);
  });

  test('indexes do not see each other', async () => {
    const first = await filled(2);
    const second = await filled(3);
    expect(await first.store.count(first.index)).toBe(2);
    const hits = await second.store.query(second.index, randomVector(random), {
      topK: 50,
      collectionIds: [...first.collectionIds, ...second.collectionIds],
    });
    expect(new Set(chunkIds(hits))).toEqual(new Set(second.records.map((record) => record.chunkId)));
  });

  test('a hit names chunk, document and version with its cosine distance, whatever the lengths', async () => {
    const { store, dataSource, index, collectionIds } = await filled(0);
    const [document] = await addDocuments(dataSource, collectionIds);
    if (!document) throw new Error('no document');
    const probe = Float32Array.from({ length: DIMENSIONS }, (_, i) => (i === 0 ? 3 : 0));
    const opposite = recordOf(
      document,
      probe.map((x) => -x * 7),
    );
    const along = recordOf(
      document,
      probe.map((x) => x * 0.25),
    );
    const across = recordOf(
      document,
      probe.map((_, i) => (i === 1 ? 2 : 0)),
    );
    await store.upsert(index, [opposite, along, across]);
    const hits = await store.query(index, probe, { topK: 10, collectionIds });
    expect(chunkIds(hits)).toEqual([along.chunkId, across.chunkId, opposite.chunkId]);
    expect(hits.map((hit) => hit.distance)).toEqual([0, 1, 2].map((x) => expect.closeTo(x, 5)));
    expect(hits[0]).toMatchObject({ documentId: document.documentId, versionId: document.versionId });
  });

  test('equal distances are ordered by chunk id', async () => {
    const { store, dataSource, index, collectionIds } = await filled(0);
    const documents = await addDocuments(
      dataSource,
      Array.from({ length: 8 }, () => collectionIds[0] ?? ''),
    );
    const vector = randomVector(random);
    const records = documents.map((document) => recordOf(document, vector));
    await store.upsert(index, records);
    const hits = await store.query(index, vector, { topK: 8, collectionIds });
    expect(chunkIds(hits)).toEqual(records.map((record) => record.chunkId).sort());
  });

  test('upsert replaces the vector of the same chunk, also within one call', async () => {
    const { store, index, records, collectionIds } = await filled(5);
    const target = records[2];
    if (!target) throw new Error('no record');
    const moved = randomVector(random);
    await store.upsert(index, [target, { ...target, vector: moved }]);
    expect(await store.count(index)).toBe(5);
    const hits = await store.query(index, moved, { topK: 1, collectionIds });
    expect(hits).toEqual([
      expect.objectContaining({ chunkId: target.chunkId, distance: expect.closeTo(0, 4) }),
    ]);
    await store.upsert(index, []);
    expect(await store.count(index)).toBe(5);
  });

  test('takes any number of records in one call', async () => {
    const { store, index, collectionIds } = await filled(700);
    expect(await store.count(index)).toBe(700);
    const hits = await store.query(index, randomVector(random), { topK: 700, collectionIds });
    expect(new Set(chunkIds(hits)).size).toBe(700);
  });

  test('gives vectors back; what it does not know is left out', async () => {
    const { store, index, records } = await filled(3);
    const wanted = records.slice(0, 2);
    const found = await store.vectors(index, [...wanted.map((record) => record.chunkId), randomUUID()]);
    expect([...found.keys()].sort()).toEqual(wanted.map((record) => record.chunkId).sort());
    for (const { chunkId, vector } of wanted)
      expect(cosineDistance(found.get(chunkId)!, vector)).toBeCloseTo(0, 4);
    expect(await store.vectors(index, [])).toEqual(new Map());
  });

  test('looks twice: the second time from nearer to what is best by meaning and words', async () => {
    const { store, index, records, collectionIds } = await filled(40);
    const [vector, query] = [randomVector(random), { topK: 7, collectionIds }];
    const [one, other] = [records[4]!, records[9]!];
    const words = [one, other].map(({ chunkId, documentId }) => ({ chunkId, documentId, score: 9 }));
    const feedback = { share: 0.8, documents: 2, topK: 5, words, others: 0, wordsWeight: 0.99 };
    const hits = await store.queryTwice(index, vector, feedback, query);
    const [a, b] = [one, other].map((record) => Math.hypot(...record.vector));
    const moved = vector.map((value, i) => value + 0.4 * (one.vector[i]! / a! + other.vector[i]! / b!));
    const nearest = await store.query(index, moved, query);
    expect(hits).toHaveLength(nearest.length);
    // Not by id: a store may keep vectors with less precision, and near ties then change places.
    hits.forEach(({ distance }, i) => expect(distance).toBeCloseTo(nearest[i]!.distance, 3));
    for (const { chunkId, ownDistance } of hits) {
      const stored = records.find((record) => record.chunkId === chunkId)!;
      if (ownDistance !== undefined)
        expect(ownDistance).toBeCloseTo(cosineDistance(vector, stored.vector), 3);
    }
    const nothing = { ...feedback, documents: 0 };
    const once = await store.queryTwice(index, vector, nothing, query);
    expect(chunkIds(once)).toEqual(chunkIds(await store.query(index, vector, query)));
  });

  test('an empty scope matches nothing', async () => {
    const { store, index, collectionIds } = await filled(3);
    const vector = randomVector(random);
    expect(await store.query(index, vector, { topK: 5, collectionIds: [] })).toEqual([]);
    expect(await store.query(index, vector, { topK: 5, collectionIds, documentIds: [] })).toEqual([]);
    expect(await store.query(index, vector, { topK: 5, collectionIds: [randomUUID()] })).toEqual([]);
    expect(await store.query(index, vector, { topK: 0, collectionIds })).toEqual([]);
  });

  test('answers as a brute force search does, for random readers', async () => {
    const { store, index, records, collectionIds, documents } = await filled(300, 12);
    for (let round = 0; round < 25; round++) {
      const vector = randomVector(random);
      const scope = collectionIds.filter(() => random() < 0.4);
      const some = random() < 0.3 ? documents.filter(() => random() < 0.2) : undefined;
      const topK = 1 + Math.floor(random() * 60);
      const only = some && new Set(some.map((document) => document.documentId));
      const expected = bruteForce(
        records,
        vector,
        topK,
        (record) => scope.includes(record.collectionId) && (only?.has(record.documentId) ?? true),
      );
      const documentIds = only && [...only];
      const hits = await store.query(index, vector, { topK, collectionIds: scope, documentIds });
      expect(new Set(chunkIds(hits)).size).toBe(expected.length);
      // A store may round: those closer together than that may change places.
      const distanceTo = new Map(records.map((r) => [r.chunkId, cosineDistance(r.vector, vector)]));
      hits.forEach((hit, i) => {
        expect(hit.distance).toBeCloseTo(distanceTo.get(hit.chunkId)!, 4);
        expect(distanceTo.get(hit.chunkId)).toBeCloseTo(distanceTo.get(expected[i]!)!, 4);
      });
    }
  });

  test('a filter on metadata picks inside the query, however few or many it leaves', async () => {
    const { store, dataSource, index, records, collectionIds, documents } = await filled(400);
    await dataSource.query(
      `update documents d set metadata = jsonb_build_object('n', x.n, 'parity', case x.n % 2 when 0 then 'even' else 'odd' end)
       from unnest($1::uuid[]) with ordinality x (id, n) where d.id = x.id`,
      [documents.map((document) => document.documentId)],
    );
    const numbers = new Map(documents.map((document, i) => [document.documentId, i + 1]));
    const filters: [unknown, (n: number) => boolean][] = [
      [{ parity: 'odd' }, (n) => n % 2 === 1],
      [{ n: { $gt: 396 } }, (n) => n > 396],
      [{ $not: { n: { $in: [1, 2, 3] } } }, (n) => n > 3],
      [{ n: 7 }, (n) => n === 7],
      [{ n: '7' }, () => false],
    ];
    const some = documents.slice(0, 50).map((document) => document.documentId);
    for (const [json, wanted] of filters)
      for (const documentIds of [undefined, some]) {
        const vector = randomVector(random);
        const filter = MetadataFilter.parse(json);
        const expected = bruteForce(
          records,
          vector,
          20,
          (r) => wanted(numbers.get(r.documentId) ?? 0) && (documentIds?.includes(r.documentId) ?? true),
        );
        const hits = await store.query(index, vector, { topK: 20, collectionIds, documentIds, filter });
        expect(chunkIds(hits)).toEqual(expected);
      }
  });

  test('a reader of one document in a thousand gets all that is theirs, and exactly', async () => {
    const { store, index, records, collectionIds } = await filled(2000, 400);
    for (let round = 0; round < 10; round++) {
      const vector = randomVector(random);
      const scope = [collectionIds[Math.floor(random() * collectionIds.length)] ?? ''];
      const expected = bruteForce(records, vector, 10, (record) => scope.includes(record.collectionId));
      expect(expected).toHaveLength(5);
      const hits = await store.query(index, vector, { topK: 10, collectionIds: scope });
      expect(chunkIds(hits)).toEqual(expected);
    }
  });

  test('a replaced version and a deleted document are never hits, and others take their place', async () => {
    const { store, dataSource, index, records, collectionIds, documents } = await filled(120);
    const vector = randomVector(random);
    const nearest = bruteForce(records, vector, 90, () => true);
    const hidden = new Set(nearest.slice(0, 60));
    for (const [i, record] of records.filter((r) => hidden.has(r.chunkId)).entries()) {
      const document = documents.find((d) => d.documentId === record.documentId);
      if (!document) throw new Error('no document');
      if (i % 2 === 0) await replaceVersion(dataSource, document);
      else await deleteDocument(dataSource, document);
    }
    const hits = await store.query(index, vector, { topK: 30, collectionIds });
    // Those a rounding apart may have changed places.
    expect(chunkIds(hits).sort()).toEqual(nearest.slice(60).sort());
  });

  test('a version that takes the place of another is found with the commit that says so', async () => {
    const { store, dataSource, index, collectionIds, documents, records } = await filled(200);
    const vector = randomVector(random);
    const [old] = bruteForce(records, vector, 1, () => true);
    const replaced = documents.find(
      ({ versionId }) => versionId === records.find((r) => r.chunkId === old)?.versionId,
    )!;
    const successor = { ...replaced, versionId: randomUUID() };
    const passages = Array.from({ length: 70 }, (_, i) =>
      recordOf(
        successor,
        vector.map((x) => x + i / 1e4),
      ),
    );
    await store.query(index, vector, { topK: 1, collectionIds });
    const write = await store.prepareShow(index, passages);
    await replaceVersion(dataSource, replaced, { versionId: successor.versionId, write });
    const hits = await store.query(index, vector, { topK: 100, collectionIds });
    expect(new Set(chunkIds(hits.slice(0, 70)))).toEqual(new Set(passages.map(({ chunkId }) => chunkId)));
    expect(chunkIds(hits)).not.toContain(old);
    expect(hits).toHaveLength(100);
  });

  // Nothing in the product moves a document; a store that follows the log is not told.
  if (sees === 'moves')
    test('a document that moved to another collection is found there only when asked through it', async () => {
      const { store, dataSource, index, collectionIds, documents } = await filled(2, 2);
      const [moved] = documents;
      if (!moved) throw new Error('no document');
      const elsewhere = await addCollections(dataSource, 1);
      await dataSource.query('update documents set collection_id = $1 where id = $2', [
        elsewhere[0],
        moved.documentId,
      ]);
      const hits = await store.query(index, randomVector(random), { topK: 5, collectionIds });
      expect(hits.map((hit) => hit.documentId)).not.toContain(moved.documentId);
    });

  test('scores gives the distances of known chunks and leaves out the others', async () => {
    const { store, index, records } = await filled(40);
    const vector = randomVector(random);
    const asked = records.slice(5, 25);
    const hits = await store.scores(index, vector, [...asked.map((r) => r.chunkId), randomUUID()]);
    expect(hits).toHaveLength(asked.length);
    for (const record of asked) {
      const hit = hits.find((h) => h.chunkId === record.chunkId);
      expect(hit?.distance).toBeCloseTo(cosineDistance(record.vector, vector), 5);
      expect(hit).toMatchObject({ documentId: record.documentId, versionId: record.versionId });
    }
    expect(await store.scores(index, vector, [])).toEqual([]);
  });

  test('deleteVersions removes exactly those', async () => {
    const { store, index, records, collectionIds } = await filled(10);
    const gone = records.slice(0, 4).map((record) => record.versionId);
    await store.deleteVersions(index, [...gone, randomUUID()]);
    await store.deleteVersions(index, []);
    expect(await store.count(index)).toBe(6);
    const hits = await store.query(index, randomVector(random), { topK: 10, collectionIds });
    expect(new Set(chunkIds(hits))).toEqual(new Set(records.slice(4).map((record) => record.chunkId)));
  });

  test('deleting from an index that was never made is no error', async () => {
    await expect(subject().store.deleteVersions(newIndex(), [randomUUID()])).resolves.toBeUndefined();
  });

  test('is usable and answers a ping', async () => {
    await expect(subject().store.assertUsable()).resolves.toBeUndefined();
    await expect(subject().store.ping()).resolves.toBeUndefined();
  });
}
