import {
  admin,
  describeWithEncoder,
  eventually,
  migrate,
  newDatabase,
  startServer,
  type ServerDatabase,
  type ServerProcess,
} from './support.js';

interface Document {
  id: string;
  status: string;
  indexed: string;
}
interface Answer {
  results: { id: string; distance: number | null }[];
}

describeWithEncoder('an API process and a worker process on one database', () => {
  let database: ServerDatabase;
  const running: ServerProcess[] = [];
  let api: ServerProcess;
  let worker: ServerProcess;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    const role = async (name: string): Promise<ServerProcess> => {
      const server = await startServer({ ...database.env, PROCESS_ROLE: name });
      running.push(server);
      return server;
    };
    api = await role('api');
    worker = await role('worker');
  });
  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await database?.drop();
  });

  const signIn = async ({ url }: ServerProcess): Promise<string> => {
    const response = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(admin),
    });
    expect(response.status).toBe(200);
    return ((await response.json()) as { access_token: string }).access_token;
  };
  const call = async <T>(
    { url }: ServerProcess,
    token: string,
    path: string,
    body?: object | FormData,
  ): Promise<T> => {
    const json = body !== undefined && !(body instanceof FormData);
    const response = await fetch(`${url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}`, ...(json ? { 'content-type': 'application/json' } : {}) },
      ...(body === undefined ? {} : { body: json ? JSON.stringify(body) : body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  };
  const query = (server: ServerProcess, token: string, text: string, mode: string): Promise<Answer> =>
    call(server, token, '/rag/rag_query', { query: text, mode });

  test('share sessions: the token of one is good at the other', async () => {
    const token = await signIn(api);
    expect(await call(worker, token, '/auth/me')).toMatchObject({ email: admin.email });
  });

  test('find by words at once what the other one added', async () => {
    const token = await signIn(api);
    await query(worker, token, 'warms up the index of this process', 'lexical');
    for (const [from, to] of [
      [api, worker],
      [worker, api],
    ] as const) {
      const docId = `note-${running.indexOf(from)}`;
      const text = `Zephyrine lamps of harbour ${docId} burn until dawn.`;
      await call(from, token, '/rag/add_document', { doc_id: docId, text, wait_ms: 0 });
      const { results } = await query(to, token, `zephyrine lamps of ${docId}`, 'lexical');
      expect(results[0]?.id).toBe(docId);
    }
  });

  test('divide the work: an upload at the API process is read and embedded by the worker', async () => {
    const token = await signIn(api);
    const form = new FormData();
    form.set('file', new Blob(['# Lighthouse\n\nThe keeper lit 40 candles each night.\n']), 'lighthouse.md');
    form.set('doc_id', 'lighthouse');
    const accepted = await call<{ documents: Document[] }>(api, token, '/documents', form);
    const id = accepted.documents[0]?.id ?? '';
    const done = await eventually('the document is ready with vectors', 180, async () => {
      const document = await call<Document>(api, token, `/documents/${id}`);
      if (document.status === 'failed') throw new Error(JSON.stringify(document));
      return document.status === 'ready' && document.indexed === 'full' ? document : undefined;
    });
    expect(done.id).toBe(id);
    for (const server of [api, worker]) {
      // Each process loads the encoder for itself.
      const { results } = await eventually('the process answers by meaning', 180, () =>
        query(server, token, 'How many candles did the lighthouse keeper light?', 'dense').catch(
          () => undefined,
        ),
      );
      expect(results[0]).toMatchObject({ id: 'lighthouse' });
      expect(results[0]?.distance).toBeLessThan(0.6);
    }
  });

  test('have one file or the other that takes its place, by words and by meaning, and never neither', async () => {
    const token = await signIn(api);
    const edition = (word: string): Blob =>
      new Blob([
        Array.from(
          { length: 60 },
          (_, i) => `## Entry ${i}\n\n${`The ${word} edition of the dredging log, entry ${i}. `.repeat(12)}`,
        ).join('\n\n'),
      ]);
    const replaced = async (word: string): Promise<string> => {
      const form = new FormData();
      form.set('file', edition(word), 'dredging.md');
      form.set('doc_id', 'dredging');
      const { documents } = await call<{ documents: Document[] }>(api, token, '/documents', form);
      return documents[0]?.id ?? '';
    };
    const isReady = (id: string): Promise<true> =>
      eventually(`${id} is ready with vectors`, 180, async () => {
        const { status, indexed } = await call<Document>(api, token, `/documents/${id}`);
        return (status === 'ready' && indexed === 'full') || undefined;
      });
    const id = await replaced('first');
    await isReady(id);

    const seen = new Map<string, number>();
    let over = false;
    const watch = async (server: ServerProcess, mode: string): Promise<void> => {
      while (!over) {
        const { results } = await call<{ results: { id: string; text: string }[] }>(
          server,
          token,
          '/rag/rag_query',
          { query: 'edition of the dredging log', mode, n_results: 10 },
        );
        const mine = results.filter((result) => result.id === 'dredging');
        const words = new Set(mine.map(({ text }) => /The (\w+) edition/.exec(text)?.[1]));
        const what = `${mode} ${[...words].join(' and ')}`;
        seen.set(what, (seen.get(what) ?? 0) + 1);
      }
    };
    const watching = [api, worker].flatMap((server) =>
      ['lexical', 'dense'].map((mode) => watch(server, mode)),
    );
    await replaced('second');
    await isReady(id);
    await new Promise((resolve) => setTimeout(resolve, 2000));
    over = true;
    await Promise.all(watching);
    expect([...seen.keys()].toSorted()).toEqual([
      'dense first',
      'dense second',
      'lexical first',
      'lexical second',
    ]);
  });

  test('take over what a lost worker was embedding, though nobody is woken for it', async () => {
    const token = await signIn(api);
    // The schedule would come in the end.
    await database.source.query(`delete from pgboss.schedule where name = 'documents.embed'`);
    const added = await call<{ indexed: string }>(api, token, '/rag/add_document', {
      doc_id: 'held',
      text: 'The ropewalk stands behind the custom house.',
      wait_ms: 60_000,
    });
    expect(added.indexed).toBe('full');
    // As a process leaves it that is killed in the middle: a claim that nobody extends.
    await database.source.query(
      `with held as (
         update document_versions set embedded_index_id = null, embedded_count = 0
         where id = (select active_version_id from documents where external_id = 'held') returning id)
       insert into embedding_backlog (version_id, claimed_until)
       select id, clock_timestamp() + interval '20 seconds' from held`,
    );
    await eventually('the claim is taken over', 180, async () => {
      const { items } = await call<{ items: Document[] }>(api, token, '/documents?doc_id=held');
      return items[0]?.indexed === 'full' || undefined;
    });
  });

  test('end in order on SIGTERM', async () => {
    const codes = await Promise.all(running.splice(0).map((server) => server.stop()));
    expect(codes).toEqual([0, 0]);
  });
});
