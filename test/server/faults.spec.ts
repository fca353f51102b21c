import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { Client } from './client.js';
import {
  describeWithEncoder,
  eventually,
  migrate,
  newDatabase,
  startServer,
  vectorStore,
  type ServerDatabase,
  type ServerProcess,
} from './support.js';

describeWithEncoder('a server whose parts go away', () => {
  let database: ServerDatabase;
  let proxy: TcpProxy;
  let chroma: TcpProxy | undefined;
  let server: ServerProcess;
  let client: Client;

  const behind = async (address: string): Promise<{ url: string; proxy: TcpProxy }> => {
    const url = new URL(address);
    const started = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
    url.hostname = '127.0.0.1';
    url.port = String(started.port);
    return { url: url.href.replace(/\/$/, ''), proxy: started };
  };

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    const postgres = await behind(database.env['DATABASE_URL'] ?? '');
    proxy = postgres.proxy;
    const env: Record<string, string> = { ...database.env, DATABASE_URL: postgres.url };
    if (vectorStore === 'chroma') {
      const store = await behind(database.env['CHROMA_URL'] ?? '');
      chroma = store.proxy;
      env['CHROMA_URL'] = store.url;
    }
    server = await startServer(env);
    client = await Client.of(server);
  });
  afterAll(async () => {
    await server?.stop();
    await proxy?.close();
    await chroma?.close();
    await database?.drop();
  });

  const full = (docId: string): Promise<true> =>
    eventually(`${docId} is ready with vectors`, 300, async () => {
      const found = (await client.documents()).find((item) => item.doc_id === docId);
      if (found?.status === 'failed') throw new Error(JSON.stringify(found));
      return found?.status === 'ready' && found.indexed === 'full' ? true : undefined;
    });

  test('answers 503 while the database is gone for ten seconds, and goes on without a restart', async () => {
    const accepted: string[] = [];
    for (let i = 0; i < 30; i++) {
      const answer = await client.upload(`before-${i}`, `The dyke was raised ${i} times before the flood.`);
      expect(answer.status).toBe(202);
      accepted.push(`before-${i}`);
    }
    await proxy.cut();
    const until = Date.now() + 10_000;
    while (Date.now() < until) {
      const answer = await client.call<{ code: string }>('/rag/add_document', { doc_id: 'x', text: 'x' });
      expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
      const upload = await client.upload('during', 'Nobody wrote this down.');
      expect(upload.status).toBe(503);
      await sleep(500);
    }
    await proxy.restore();
    await eventually('it answers again', 180, async () =>
      (await client.call('/auth/me')).status === 200 ? true : undefined,
    );
    for (const docId of accepted) await full(docId);
    expect((await client.documents()).map((item) => item.doc_id)).not.toContain('during');
  });

  if (vectorStore === 'chroma')
    test('answers by words and accepts everything while the vector store is gone', async () => {
      await chroma?.cut();
      const added = await client.call<{ indexed: string }>('/rag/add_document', {
        doc_id: 'dark',
        text: 'The ropewalk burned in the year of the comet.',
        wait_ms: 0,
      });
      expect([added.status, added.body.indexed]).toEqual([200, 'lexical']);
      expect((await client.upload('dark-file', 'The foundry cast bells in the same year.')).status).toBe(202);
      const asked = await client.call<{ results: { id: string }[]; retrieval: { degraded: string[] } }>(
        '/rag/rag_query',
        { query: 'Which year did the ropewalk burn?' },
      );
      expect(asked.status).toBe(200);
      expect(asked.body.results[0]?.id).toBe('dark');
      expect(asked.body.retrieval.degraded.length).toBeGreaterThan(0);
      await chroma?.restore();
      await full('dark');
      await full('dark-file');
    });
});
