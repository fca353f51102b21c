import { jest } from '@jest/globals';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SegmentsLexicalIndex } from '../../src/lexical/adapters/segments/segments.adapter.js';
import { VectorService } from '../../src/vector/vector.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { KillableServer } from '../support/killable-server.js';
import { runNode } from '../support/node-process.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

interface Rebuild {
  id: string;
  what: string;
  status: string;
  lost: boolean;
  done: number | null;
  total: number | null;
  detail: string | null;
}

/** The rebuild of this kind, once it is over. */
async function over(what: string, look: () => Promise<Rebuild[]>): Promise<Rebuild> {
  for (const until = Date.now() + 240_000; Date.now() < until; await sleep(100)) {
    const found = (await look()).find((rebuild) => rebuild.what === what);
    if (found && found.status !== 'running') return found;
  }
  throw new Error(`the rebuild of ${what} does not come to an end`);
}

const rebuildsOf =
  (admin: Browser): (() => Promise<Rebuild[]>) =>
  async () =>
    (await admin.get('/admin/index')).body.rebuilds;

describe('making the word index again', () => {
  let app: TestApp;
  let admin: Browser;
  let url: string;

  beforeAll(async () => {
    app = await startTestApp();
    url = await app.app.getUrl();
    admin = await new Browser(app, app.admin).signedIn();
  });
  afterAll(() => app?.close());

  it('gives a process that starts later everything, and is written down in the audit log', async () => {
    const add = async (doc_id: string): Promise<string> =>
      (
        await admin.post('/rag/add_document', {
          body: { doc_id, text: `The ${doc_id} stands at the harbour.` },
        })
      ).body.document_id;
    const ids = [await add('lighthouse'), await add('warehouse')];
    const { body: document } = await admin.get(`/documents/${ids[0]}`);
    await app.source.query('delete from lexical_segments');

    const begun = await admin.post('/admin/index/rebuild', { body: { what: 'words' } });
    expect([begun.status, begun.body]).toMatchObject([202, { what: 'words', lost: false, total: null }]);
    const { status, id, detail } = await over('words', rebuildsOf(admin));
    expect({ status, id, detail }).toEqual({ status: 'done', id: begun.body.id, detail: null });

    const later = new SegmentsLexicalIndex(app.source);
    try {
      const scope = { topK: 10, level: 'document' as const, collectionIds: [document.collection_id] };
      const found = (await later.query('lighthouse warehouse', scope)).map((hit) => hit.documentId);
      expect(found.toSorted()).toEqual(ids.toSorted());
    } finally {
      await later.close();
    }
    const { body: log } = await admin.get('/admin/audit?action=index.rebuild_started');
    expect(log.items[0]).toMatchObject({ target_id: begun.body.id, details: { what: 'words' } });
  });

  const command = async (...args: string[]): Promise<{ code: number | string; output: string }> => {
    const { email: API_EMAIL, password: API_PASSWORD } = app.admin;
    const run = runNode('dist/cli/reindex.js', args, { API_EMAIL, API_PASSWORD });
    const code = await run.ended;
    return { code, output: run.output() };
  };

  it('is a command, which waits for it', async () => {
    expect(await command('words', '--url', url)).toMatchObject({
      code: 0,
      output: expect.stringContaining('the words were made again\n'),
    });
    expect(await command('everything')).toMatchObject({ code: 64 });
    const failed = await command('vectors', '--url', url);
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain('encoder');
  });

  it('is for administrators, and one of two things', async () => {
    const user = await Browser.signedUp(app);
    expect((await user.post('/admin/index/rebuild', { body: { what: 'words' } })).status).toBe(403);
    for (const body of [{}, { what: 'files' }, { what: ['words'] }, { what: 'words', now: true }])
      expect((await admin.post('/admin/index/rebuild', { body })).body.code).toBe('validation_failed');
    const { body } = await admin.post('/admin/index/rebuild', { body: { what: 'vectors' } });
    expect(body.code).toBe('encoder_unavailable');
  });
});

describeWithShared('making the vectors again', ['models/all-MiniLM-L6-v2'], () => {
  let app: TestApp;
  let admin: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MODELS_DIR: path.join(sharedDir, 'models') });
    admin = await new Browser(app, app.admin).signedIn();
    for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200))
      if ((await app.http().get('/health/ready')).status === 200) break;
  });
  afterAll(() => app?.close());

  it('replaces those that are wrong, and answers with all of them meanwhile', async () => {
    const texts = {
      bread: 'Bread rises overnight in a warm kitchen.',
      tides: 'Spring tides follow the new moon.',
    };
    for (const [doc_id, text] of Object.entries(texts)) {
      const { body } = await admin.post('/rag/add_document', { body: { doc_id, text, wait_ms: 60_000 } });
      expect(body.indexed).toBe('full');
    }
    // Nothing is missing, so that a comparison of numbers would find nothing.
    const rows = await app.source.query<
      { id: string; version_id: string; document_id: string; collection_id: string }[]
    >(
      `select c.id, c.version_id, d.id as document_id, d.collection_id from documents d
       join chunks c on c.version_id = d.active_version_id`,
    );
    const vectors = app.app.get(VectorService);
    const index = await vectors.activeIndex();
    if (!index) throw new Error('no index');
    const wrong = new Float32Array(index.dimensions).fill(0.1);
    await vectors.upsert(
      index,
      rows.map((row) => ({
        chunkId: row.id,
        versionId: row.version_id,
        documentId: row.document_id,
        collectionId: row.collection_id,
        vector: wrong,
      })),
    );
    const ask = async (mode: string) => {
      const answer = await admin.post('/rag/rag_query', { body: { query: 'how do I bake a loaf?', mode } });
      expect(answer.status).toBe(200);
      return answer.body;
    };
    const distances = (body: { results: { id: string; distance: number }[] }): number[] =>
      body.results.map(({ distance }) => distance);
    const before = distances(await ask('dense'));
    expect(new Set(before).size).toBe(1);

    const { body: begun } = await admin.post('/admin/index/rebuild', { body: { what: 'vectors' } });
    // One at a time: whoever asks for another gets this one.
    const { body: joined } = await admin.post('/admin/index/rebuild', { body: { what: 'vectors' } });
    if (joined.status === 'running') expect(joined.id).toBe(begun.id);
    const answered: { results: unknown[]; retrieval: { degraded: string[] } }[] = [];
    const look = rebuildsOf(admin);
    const done = await over('vectors', async () => {
      answered.push(await ask('hybrid'));
      return look();
    });
    expect(done).toMatchObject({ status: 'done', detail: null });
    for (const { results, retrieval } of answered)
      expect([results.length, retrieval.degraded]).toEqual([2, []]);

    const after = await ask('dense');
    expect(after.results[0].id).toBe('bread');
    expect(new Set(distances(after)).size).toBe(2);
    const { body: state } = await admin.get('/admin/index');
    expect(state).toMatchObject({ vectors: 2, waiting: 0, indexes: [{ state: 'active', lost: false }] });
  });

  it('comes to an end while documents come in', async () => {
    const vectors = app.app.get(VectorService);
    const stored = vectors.storedVersions.bind(vectors);
    let looked = 0;
    const looking = jest.spyOn(vectors, 'storedVersions').mockImplementation(async function* (index) {
      yield* stored(index);
      const body = { doc_id: `late-${looked++}`, text: 'Ships come in at noon.', wait_ms: 60_000 };
      expect((await admin.post('/rag/add_document', { body })).body.indexed).toBe('full');
    });
    expect((await admin.post('/admin/index/rebuild', { body: { what: 'vectors' } })).status).toBe(202);
    const done = await over('vectors', rebuildsOf(admin)).finally(() => looking.mockRestore());
    expect(done).toMatchObject({ status: 'done', detail: null });
    expect(looked).toBeGreaterThan(0);
  });
});

describeWithShared('kill -9 while the vectors are made again', ['models/all-MiniLM-L6-v2'], () => {
  const server = new KillableServer();
  afterAll(() => server.close());

  it('goes on where it stopped', async () => {
    await server.start();
    const filler =
      'The harbour master writes down each ship, its cargo and the hour at which it came. '.repeat(10);
    const book = Array.from(
      { length: 500 },
      (_, i) => `Day ${i}\n\n${filler} On day ${i} the ship number ${i * 7919} left.`,
    ).join('\n\n');
    const form = new FormData();
    form.set('file', new Blob([book], { type: 'text/plain' }), 'journal.txt');
    const { documents } = await server.call<{ documents: { id: string }[] }>('POST', '/documents', form);
    for (const end = Date.now() + 240_000; ; await sleep(100)) {
      const { status } = await server.call<{ status: string }>('GET', `/documents/${documents[0]!.id}`);
      if (status === 'ready') break;
      if (status === 'failed' || Date.now() > end) throw new Error(`the document is ${status}`);
    }
    const state = (): Promise<{ waiting: number; vectors: number; chunks: number; rebuilds: Rebuild[] }> =>
      server.call('GET', '/admin/index');
    const begun = await server.call<Rebuild>('POST', '/admin/index/rebuild', { what: 'vectors' });
    for (const end = Date.now() + 240_000; ; await sleep(20)) {
      const [now] = (await state()).rebuilds;
      if (now?.status !== 'running' || Date.now() > end) throw new Error(`too late: ${JSON.stringify(now)}`);
      if (now.done !== null && now.done > 0 && now.done < now.total!) break;
    }
    await server.kill();
    await server.start();
    const done = await over('vectors', async () => (await state()).rebuilds);
    expect(done).toMatchObject({ id: begun.id, status: 'done', detail: null });
    const { waiting, vectors, chunks } = await state();
    expect({ waiting, vectors }).toEqual({ waiting: 0, vectors: chunks });
  });
});
