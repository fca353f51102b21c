import { randomUUID } from 'node:crypto';
import tls from 'node:tls';
import { inspect } from 'node:util';
import { ActiveVersionsRepository } from '../../src/vector/active-versions.repository.js';
import { ChromaStore } from '../../src/vector/adapters/chroma/chroma-store.js';
import { CheckedVectorStore } from '../../src/vector/checked-vector-store.js';
import { CHROMA_MISSING, chromaBinary, freePort, startChroma, type ChromaServer } from '../support/chroma.js';
import { startTlsProxy, type TlsProxy } from '../support/tls-proxy.js';
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

  test('a collection that disappeared is told by every read, and made again by a write', async () => {
    const lost = index();
    const noted: string[] = [];
    const held = { something: true };
    const own = new ChromaStore({ url: server.url, ...place }, ({ id }) => {
      noted.push(id);
      return Promise.resolve(held.something);
    });
    const record = {
      chunkId: randomUUID(),
      documentId: randomUUID(),
      versionId: randomUUID(),
      collectionId: randomUUID(),
      vector: randomVector(randomNumbers(4), 8),
    };
    await own.createIndex(lost);
    await own.upsert(lost, [record]);
    const query = { collectionIds: [record.collectionId], topK: 3 };
    const feedback = { share: 0.3, documents: 2, topK: 3, words: [], others: 0, wordsWeight: 0.4 };
    expect(await own.query(lost, record.vector, query)).toHaveLength(1);

    await new ChromaStore({ url: server.url, ...place }).dropIndex(lost);
    noted.length = 0;
    const stranger = new ChromaStore({ url: server.url, ...place });
    const unavailable = expect.objectContaining({ code: 'vector_store_unavailable', status: 503 });
    for (const reader of [own, stranger])
      for (const read of [
        () => reader.query(lost, record.vector, query),
        () => reader.queryTwice(lost, record.vector, feedback, query),
        () => reader.scores(lost, record.vector, [record.chunkId]),
        () => reader.vectors(lost, [record.chunkId]),
        () => reader.count(lost),
      ])
        await expect(read()).rejects.toEqual(unavailable);
    expect(noted).toEqual(Array.from({ length: 5 }, () => lost.id));
    expect(await listed()).toEqual([]);

    // What compares and what removes has nothing to do, and makes nothing.
    for await (const stored of own.storedVersions(lost)) throw new Error(JSON.stringify(stored));
    await own.deleteVersions(lost, [record.versionId]);
    expect(await listed()).toEqual([]);

    noted.length = 0;
    await own.upsert(lost, [record]);
    expect(noted).toEqual([lost.id]);
    expect((await own.query(lost, record.vector, query)).map(({ chunkId }) => chunkId)).toEqual([
      record.chunkId,
    ]);
    await own.dropIndex(lost);
  });

  test('finds while documents are replaced, also where the server fails for that', async () => {
    const busy = { ...index(), dimensions: 384 };
    // How long it takes is not what is asked here, and other tests run beside it.
    const plain = new ChromaStore({ url: server.url, ...place, timeout: 60_000 });
    await plain.createIndex(busy);
    const collectionId = randomUUID();
    const numbers = randomNumbers(11);
    const rounds = { left: 24 };
    const failed: unknown[] = [];
    const reader = async (): Promise<void> => {
      while (rounds.left > 0)
        await plain
          .query(busy, randomVector(numbers, 384), { collectionIds: [collectionId], topK: 10 })
          .catch((error: unknown) => failed.push(error));
    };
    const writer = async (): Promise<void> => {
      let before: string | undefined;
      while (rounds.left-- > 0) {
        const versionId = randomUUID();
        const document = { documentId: randomUUID(), versionId, collectionId };
        const made = () => ({ ...document, chunkId: randomUUID(), vector: randomVector(numbers, 384) });
        await plain.upsert(busy, Array.from({ length: 120 }, made));
        if (before) await plain.deleteVersions(busy, [before]);
        before = versionId;
      }
    };
    try {
      await Promise.all([reader(), reader(), reader(), reader(), writer(), writer()]);
    } finally {
      await plain.dropIndex(busy);
    }
    expect(failed).toEqual([]);
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

  describe('behind an authenticating proxy, in a tenant and a database of its own', () => {
    const own = { tenant: 'acme', database: 'passages' };
    const unavailable = (detail: RegExp): unknown =>
      expect.objectContaining({
        code: 'vector_store_unavailable',
        status: 503,
        detail: expect.stringMatching(detail),
      });
    const trusted = tls.getCACertificates('default');
    let proxy: TlsProxy;
    const at = (options: Partial<ConstructorParameters<typeof ChromaStore>[0]> = {}): ChromaStore =>
      new ChromaStore({ url: proxy.url, headers: { 'x-token': 'a-secret' }, ...own, ...options });

    beforeAll(async () => {
      proxy = await startTlsProxy(server.url, ['x-token', 'a-secret']);
      const create = async (where: string, name: string): Promise<void> => {
        const made = await fetch(`${server.url}/api/v2/${where}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name }),
        });
        if (!made.ok) throw new Error(`${where}: ${made.status} ${await made.text()}`);
      };
      await create('tenants', own.tenant);
      await create(`tenants/${own.tenant}/databases`, own.database);
    });
    afterAll(async () => {
      tls.setDefaultCACertificates(trusted);
      await proxy?.stop();
    });
    afterEach(() => tls.setDefaultCACertificates(trusted));

    test('a certificate that nobody vouches for is not trusted', async () => {
      await expect(at().ping()).rejects.toEqual(unavailable(/not reachable/));
    });

    test('it is used with the headers, where it was told to, and nowhere else', async () => {
      tls.setDefaultCACertificates([...trusted, proxy.certificate]);
      const [mine] = [index()];
      const behind = at();
      await behind.createIndex(mine);
      const record = {
        chunkId: randomUUID(),
        documentId: randomUUID(),
        versionId: randomUUID(),
        collectionId: randomUUID(),
        vector: randomVector(randomNumbers(2), 8),
      };
      await behind.upsert(mine, [record]);
      const query = { collectionIds: [record.collectionId], topK: 3 };
      const hits = await behind.query(mine, record.vector, query);
      expect(hits.map((hit) => hit.chunkId)).toEqual([record.chunkId]);
      expect(proxy.refused()).toBe(0);
      expect(await listed()).toEqual([]);
      await behind.dropIndex(mine);
    });

    test('without the header it is one error that says where to look and never what was sent', async () => {
      tls.setDefaultCACertificates([...trusted, proxy.certificate]);
      const stranger = at({ headers: { 'x-token': 'another-secret' } });
      for (const attempt of [stranger.ping(), stranger.createIndex(index()), stranger.count(index())]) {
        const error: unknown = await attempt.catch((thrown: unknown) => thrown);
        expect(error).toEqual(unavailable(/CHROMA_HEADERS/));
        expect(inspect(error, { depth: 10 })).not.toContain('another-secret');
      }
      expect(proxy.refused()).toBeGreaterThan(0);
    });

    test.each([
      ['tenant', { tenant: 'nobody' }],
      ['database', { database: 'nothing' }],
    ])('a %s that does not exist is told as such, in every way of asking', async (_what, options) => {
      tls.setDefaultCACertificates([...trusted, proxy.certificate]);
      const wrong = at(options);
      const lost = index();
      const vector = randomVector(randomNumbers(3), 8);
      for (const ask of [
        () => wrong.ping(),
        () => wrong.createIndex(lost),
        () => wrong.query(lost, vector, { collectionIds: [randomUUID()], topK: 3 }),
        () => wrong.scores(lost, vector, [randomUUID()]),
        () => wrong.count(lost),
        () => wrong.deleteVersions(lost, [randomUUID()]),
      ])
        await expect(ask()).rejects.toEqual(unavailable(/CHROMA_TENANT and CHROMA_DATABASE/));
    });
  });

  describe('behaves as a vector store', () => {
    describeVectorStore(() => ({ store, dataSource: database.dataSource }));
  });
});
