import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDataSource } from '../../src/database/data-source.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { freePort } from '../support/chroma.js';
import { activeIndex, expectWhole } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';

const REASON = 'vector_store_unavailable';

const withEncoder = (fake: FakeGemini): Record<string, string> => ({
  EMBEDDING_MODEL: `gemini:${fake.model}`,
  GEMINI_EMBEDDING_DIMENSIONS: '128',
  GOOGLE_API_KEY: fake.key,
  GEMINI_BASE_URL: fake.url,
  LLM: 'none',
});

/** What a search says of itself, and how many results it has; a problem says its code. */
async function ask(user: Browser, mode: 'hybrid' | 'dense'): Promise<unknown[]> {
  const { status, body } = await user.post('/rag/rag_query', { body: { query: 'What burned?', mode } });
  return status === 200
    ? [body.retrieval.mode, body.retrieval.degraded, body.results.length]
    : [status, body.code];
}

/** As if the vectors stood in the other store until now: what this one has begins empty. */
describe('a vector store that takes the place of another one', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let dataDir: string;
  let account: TestApp['admin'];
  let open = (): void => undefined;

  const start = (): Promise<TestApp> => startTestApp({ ...withEncoder(fake), DATA_DIR: dataDir });

  beforeAll(async () => {
    fake = await FakeGemini.start();
    dataDir = newDataDir();
    app = await start();
    account = app.admin;
    const admin = await new Browser(app, account).signedIn();
    const days = Array.from({ length: 12 }, (_, i) => `# Day ${i}\n\n${'The ledger was kept. '.repeat(40)}`);
    const documents = [
      { doc_id: 'half', text: days.join('\n\n') },
      { doc_id: 'full', text: 'The ledger of the ropewalk burned in the year of the comet.' },
    ];
    const added = await admin.post('/rag/add_documents', { body: { documents, wait_ms: 60_000 } });
    expect(added.body.results.map((one: { indexed: string }) => one.indexed)).toEqual(['full', 'full']);
    await app.close();
    await withDataSource(app.settings, async (source) => {
      await source.query(`update vector_indexes set store = 'chroma'`);
      const [rows] = await source.query<[{ id: string }[], number]>(
        `update document_versions v set embedded_count = 2, embedded_index_id = null
         from documents d where d.active_version_id = v.id and d.external_id = 'half' and v.chunk_count > 4
         returning v.id`,
      );
      expect(rows).toHaveLength(1);
      await source.query('select line_up_for_encoder($1::uuid[])', [rows.map(({ id }) => id)]);
    });
    fake.gate = { texts: /ledger/, opens: new Promise((resolve) => (open = resolve)) };
    app = await start();
  });
  afterAll(async () => {
    open();
    await app?.close();
    await fake?.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  const state = async (
    admin: Browser,
  ): Promise<{ waiting: number; indexes: { state: string; lost: boolean }[]; rebuilds: object[] }> =>
    (await admin.get('/admin/index')).body;
  const until = async (met: () => Promise<boolean>): Promise<void> => {
    for (const end = Date.now() + 120_000; !(await met()); await sleep(50))
      if (Date.now() > end) throw new Error('it does not come about');
  };

  it('answers nothing until it is whole, and every answer says so', async () => {
    const admin = await new Browser(app, account).signedIn();
    expect(await ask(admin, 'hybrid')).toEqual(['lexical', [REASON], 1]);
    await until(async () =>
      (await state(admin)).indexes.some((index) => index.state === 'active' && index.lost),
    );
    expect(await ask(admin, 'hybrid')).toEqual(['lexical', [REASON], 1]);
    expect(await ask(admin, 'dense')).toEqual([503, REASON]);
  });

  it('gets the vectors of all passages, also of a document that was half embedded', async () => {
    const admin = await new Browser(app, account).signedIn();
    open();
    await until(async () => (await state(admin)).indexes.every((index) => !index.lost));
    expect((await state(admin)).rebuilds).toMatchObject([{ what: 'vectors', status: 'done', detail: null }]);
    await expectWhole(app, (await activeIndex(admin)).id);
    expect(await ask(admin, 'hybrid')).toEqual(['hybrid', [], expect.any(Number)]);
    expect(await ask(admin, 'dense')).toEqual(['dense', [], expect.any(Number)]);
  });

  it('has what it had when it takes its place again', async () => {
    await app.close();
    await withDataSource(app.settings, async (source) => {
      for (const [from, to] of [
        ['pgvector', 'elsewhere'],
        ['chroma', 'pgvector'],
        ['elsewhere', 'chroma'],
      ])
        await source.query('update vector_indexes set store = $2 where store = $1', [from, to]);
    });
    fake.requests.length = 0;
    app = await start();
    const admin = await new Browser(app, account).signedIn();
    await until(async () => {
      const { indexes } = await state(admin);
      return indexes.some((index) => index.state === 'active') && indexes.every((index) => !index.lost);
    });
    await expectWhole(app, (await activeIndex(admin)).id);
    await until(async () => (await ask(admin, 'dense'))[0] === 'dense');
    expect(JSON.stringify(fake.requests)).not.toContain('ropewalk');
  });
});

describe('a vector store that is not there from the start', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp({ ...withEncoder(fake), CHROMA_URL: `http://127.0.0.1:${await freePort()}` });
    user = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  it('is declared, with documents and without any', async () => {
    expect(await ask(user, 'hybrid')).toEqual(['lexical', [REASON], 0]);
    const body = { doc_id: 'ropewalk', text: 'The ropewalk burned in the year of the comet.', wait_ms: 0 };
    expect((await user.post('/rag/add_document', { body })).body.indexed).toBe('lexical');
    expect(await ask(user, 'hybrid')).toEqual(['lexical', [REASON], 1]);
    expect(await ask(user, 'dense')).toEqual([503, REASON]);
  });
});

describe('a vector store in which there is nothing yet', () => {
  let fake: FakeGemini;
  let app: TestApp;
  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp(withEncoder(fake));
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  it('answers with nothing', async () => {
    const user = await Browser.signedUp(app);
    expect(await ask(user, 'hybrid')).toEqual(['hybrid', [], 0]);
    expect(await ask(user, 'dense')).toEqual(['dense', [], 0]);
  });
});
