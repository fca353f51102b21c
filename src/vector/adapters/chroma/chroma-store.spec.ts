import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChromaStore } from './chroma-store.js';

const index = { id: randomUUID(), modelId: 'test', dimensions: 3 };
const vector = Float32Array.of(1, 0, 0);
const collection = {
  id: randomUUID(),
  name: 'documents',
  tenant: 'default_tenant',
  database: 'default_database',
  configuration_json: {},
  metadata: { index_id: index.id },
};
const away = { code: 'vector_store_unavailable', status: 503 };

/** What comes in answer to all but the look for the collection. */
interface Fault {
  status: number;
  type?: string;
  body: string;
  location?: string;
}

const FAULTS: [string, Fault][] = [
  ['a page with a good status', { status: 200, type: 'text/html', body: '<p>Sign in</p>' }],
  ['an answer to something else', { status: 200, body: '{}' }],
  ['a redirection to a page', { status: 302, body: '', location: '/sign-in' }],
  ['a refusal', { status: 400, body: '{"error":"InvalidArgument","message":"no"}' }],
  ['too many requests', { status: 429, body: '{"error":"RateLimit","message":"later"}' }],
  ['an error of a proxy', { status: 502, type: 'text/html', body: '<p>Bad gateway</p>' }],
];

describe.each(FAULTS)('a ChromaDB from which comes %s', (_name, fault) => {
  const server = http.createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://chroma');
    const known = pathname.endsWith('/collections/documents') || pathname === '/sign-in';
    const { status, type = 'application/json', body, location } = known ? signIn(pathname) : fault;
    request.resume().once('end', () => {
      response.writeHead(status, { 'content-type': type, ...(location ? { location } : {}) });
      response.end(body);
    });
  });
  const signIn = (pathname: string): Fault => ({
    status: 200,
    body: pathname === '/sign-in' ? '{}' : JSON.stringify(collection),
  });
  let store: ChromaStore;
  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    store = new ChromaStore({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tenant: collection.tenant,
      database: collection.database,
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test.each<[string, () => Promise<unknown>]>([
    ['queries', () => store.query(index, vector, { topK: 3, collectionIds: [randomUUID()] })],
    ['scores', () => store.scores(index, vector, [randomUUID()])],
    ['vectors', () => store.vectors(index, [randomUUID()])],
    [
      'stored versions',
      async () => {
        for await (const version of store.storedVersions(index)) expect(version).toBeUndefined();
      },
    ],
  ])('is unavailable for %s', async (_what, ask) => {
    await expect(ask()).rejects.toMatchObject(away);
  });

  if (fault.status !== 200)
    test('takes no vectors', async () => {
      const place = { versionId: randomUUID(), documentId: randomUUID(), collectionId: randomUUID() };
      await expect(store.upsert(index, [{ ...place, chunkId: randomUUID(), vector }])).rejects.toThrow();
    });
});
