import { setTimeout as sleep } from 'node:timers/promises';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { Client } from './client.js';
import {
  admin,
  describeWithEncoder,
  eventually,
  migrate,
  newDatabase,
  runToEnd,
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
  let environment: Record<string, string>;

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
    const env: Record<string, string> = { ...database.env, DATABASE_URL: postgres.url, LOG_LEVEL: 'warn' };
    if (vectorStore === 'chroma') {
      const store = await behind(database.env['CHROMA_URL'] ?? '');
      chroma = store.proxy;
      env['CHROMA_URL'] = store.url;
    }
    environment = env;
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
    const lines = server
      .printed()
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'));
    const logged = lines.map((line) => JSON.parse(line) as { context?: string; msg: string; err?: object });
    const aboutIt = logged.filter(({ context }) => context === 'Outages').map(({ msg }) => msg);
    expect(aboutIt.slice(0, 2)).toEqual([
      expect.stringMatching(/^the database does not answer/),
      expect.stringMatching(/^the database answers again after \d+ s$/),
    ]);
    // Requests alone speak for themselves, in short.
    const others = logged.filter(({ context }) => context !== 'Outages');
    expect(others.filter(({ context }) => context !== 'Http').length).toBeLessThan(5);
    expect(others.filter(({ err }) => err).length).toBeLessThan(5);
  });

  test('waits for no connection that has fallen silent, during the silence and behind it', async () => {
    const asked = async (): Promise<[number, string | undefined]> => {
      const { status, body } = await client.call<{ code?: string }>('/collections');
      return [status, body.code];
    };
    proxy.silence();
    const during = await Promise.all(Array.from({ length: 30 }, asked));
    for (const answer of during) expect(answer).toEqual([503, 'database_unavailable']);
    // The old connections say nothing for ever, as after a failover to another host.
    await proxy.restore();
    await eventually('it answers again', 60, async () =>
      (await Promise.all(Array.from({ length: 30 }, asked))).every(([status]) => status === 200)
        ? true
        : undefined,
    );
    expect((await client.upload('behind-silence', 'The pilot cutter was laid up.')).status).toBe(202);
    await full('behind-silence');
  });

  test('leaves a long statement alone that the database works on', async () => {
    // A reader of the table waits behind it, on a connection of the server.
    const locking = database.source.createQueryRunner();
    await locking.query('begin');
    await locking.query('lock table collections in access exclusive mode');
    const asked = client.call('/collections');
    await sleep(25_000);
    await locking.query('commit');
    await locking.release();
    expect((await asked).status).toBe(200);
  });

  test('says that a database only reads, as after a failover, and heals as soon as it writes again', async () => {
    const name = new URL(database.env['DATABASE_URL'] ?? '').pathname.slice(1);
    const fresh = async (): Promise<void> => {
      await database.source.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name = 'ai-backend'`,
        [name],
      );
      await sleep(1000);
    };
    expect((await client.call('/rag/rag_query', { query: 'the dyke' })).status).toBe(200);
    await database.source.query(`alter database ${name} set default_transaction_read_only = on`);
    await fresh();
    try {
      const added = await client.call<{ code: string }>('/rag/add_document', { doc_id: 'ro', text: 'x' });
      expect([added.status, added.body.code]).toEqual([503, 'database_unavailable']);
      const ready = await fetch(`${server.url}/health/ready`);
      expect(ready.status).toBe(503);
      // A connection that was just given up may still meet one request.
      await eventually('it is asked', 10, async () =>
        (await client.call('/rag/rag_query', { query: 'the dyke' })).status === 200 ? true : undefined,
      );
    } finally {
      await database.source.query(
        `begin read write; alter database ${name} reset default_transaction_read_only; commit`,
      );
    }
    // The connections that there are still only read; none of them is kept for it.
    await eventually('it writes again', 30, async () =>
      (await client.call('/rag/add_document', { doc_id: 'rw', text: 'x' })).status === 200 ? true : undefined,
    );
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

  if (vectorStore === 'chroma')
    describe('a vector store that has lost everything', () => {
      interface Found {
        results: { id: string }[];
        retrieval: { mode: string; degraded: string[] };
      }
      const ask = async (mode: string): Promise<{ status: number; body: Found }> =>
        client.call<Found>('/rag/rag_query', {
          query: 'What burned when the comet came?',
          mode,
          n_results: 40,
        });
      const wipe = async (): Promise<void> => {
        const place = `tenants/default_tenant/databases/${database.env['CHROMA_DATABASE']}/collections`;
        const root = `${database.env['CHROMA_URL']}/api/v2/${place}`;
        const held = (await (await fetch(root)).json()) as { name: string }[];
        expect(held.length).toBeGreaterThan(0);
        for (const { name } of held)
          expect((await fetch(`${root}/${name}`, { method: 'DELETE' })).status).toBe(200);
      };
      const vectorsAreBack = async (): Promise<true | undefined> => {
        const { body } = await client.call<{
          vectors: number;
          chunks: number;
          rebuilds: { status: string }[];
        }>('/admin/index');
        return body.vectors === body.chunks && body.rebuilds.every(({ status }) => status === 'done')
          ? true
          : undefined;
      };
      const isWhole = async (): Promise<void> => {
        const [hybrid, dense] = [await ask('hybrid'), await ask('dense')];
        expect([hybrid.status, hybrid.body.retrieval]).toMatchObject([200, { mode: 'hybrid', degraded: [] }]);
        expect([dense.status, dense.body.results[0]?.id]).toEqual([200, 'dark']);
      };
      /** Nothing that a part of the vectors is behind is given as if it were all. */
      const isDeclared = ({ status, body }: { status: number; body: Found }): boolean => {
        expect(status).toBe(200);
        if (body.retrieval.mode === 'hybrid') return false;
        // After a start, the encoder comes a moment later.
        expect(['vector_store_unavailable', 'encoder_unavailable']).toContain(body.retrieval.degraded[0]);
        expect(body.retrieval).toMatchObject({ mode: 'lexical', degraded: [expect.any(String)] });
        return true;
      };

      test('is declared by every answer, and refilled by itself', async () => {
        await isWhole();
        await wipe();
        const { body: first } = await ask('hybrid');
        expect(first.retrieval).toMatchObject({ mode: 'lexical', degraded: ['vector_store_unavailable'] });
        expect((await ask('dense')).status).toBe(503);
        await eventually('the vectors are back', 300, async () => {
          const answer = await ask('hybrid');
          if (isDeclared(answer)) return undefined;
          expect(answer.body.results.length).toBeGreaterThan(30);
          return await vectorsAreBack();
        });
        await isWhole();
      });

      test('is refilled by one command', async () => {
        await wipe();
        const { code, stdout, stderr } = await runToEnd(
          'dist/cli/reindex.js',
          ['vectors', '--url', server.url],
          {
            API_EMAIL: admin.email,
            API_PASSWORD: admin.password,
          },
        );
        expect([code, stdout]).toEqual([0, 'the vectors were made again\n']);
        expect(stderr).not.toContain('rror');
        await isWhole();
        expect(await vectorsAreBack()).toBe(true);
      });

      test('is noticed by a server that starts', async () => {
        expect(await server.stop()).toBe(0);
        await wipe();
        server = await startServer(environment);
        client = await Client.of(server);
        await eventually('the vectors are back', 300, async () =>
          isDeclared(await ask('hybrid')) ? undefined : await vectorsAreBack(),
        );
        await isWhole();
      });
    });

  if (vectorStore === 'chroma')
    describe('a vector store that is away when a new server starts', () => {
      let fresh: ServerDatabase;
      let store: TcpProxy;
      let started: ServerProcess;

      beforeAll(async () => {
        fresh = await newDatabase();
        await migrate(fresh.env, 'run');
        const { url, proxy: between } = await behind(fresh.env['CHROMA_URL'] ?? '');
        store = between;
        await store.cut();
        started = await startServer({ ...fresh.env, CHROMA_URL: url });
      });
      afterAll(async () => {
        await started?.stop();
        await store?.close();
        await fresh?.drop();
      });

      test('is declared by every answer, and filled when it comes', async () => {
        const caller = await Client.of(started);
        const ask = async (mode: string): Promise<unknown[]> => {
          const { status, body } = await caller.call<{
            code?: string;
            results?: { id: string }[];
            retrieval?: { mode: string; degraded: string[] };
          }>('/rag/rag_query', { query: 'What burned when the comet came?', mode });
          const { mode: by, degraded } = body.retrieval ?? {};
          return [status, body.code ?? by, body.results?.[0]?.id, degraded?.join()];
        };
        const body = {
          doc_id: 'ropewalk',
          text: 'The ropewalk burned in the year of the comet.',
          wait_ms: 0,
        };
        expect((await caller.call('/rag/add_document', body)).status).toBe(200);
        await eventually('the encoder is there', 120, async () =>
          (await ask('dense'))[1] === 'encoder_unavailable' ? undefined : true,
        );
        const reason = 'vector_store_unavailable';
        expect(await ask('dense')).toEqual([503, reason, undefined, undefined]);
        expect(await ask('hybrid')).toEqual([200, 'lexical', 'ropewalk', reason]);
        await store.restore();
        await eventually('it has its vectors', 300, async () =>
          (await caller.documents())[0]?.indexed === 'full' ? true : undefined,
        );
        expect(await ask('hybrid')).toEqual([200, 'hybrid', 'ropewalk', '']);
        expect(await ask('dense')).toEqual([200, 'dense', 'ropewalk', '']);
      });
    });
});
