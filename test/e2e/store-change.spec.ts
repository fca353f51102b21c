import fs from 'node:fs';
import { withDataSource } from '../../src/database/data-source.js';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { activeIndex, expectWhole } from '../support/encoder-switch.js';
import { FakeGemini } from '../support/fake-gemini.js';

/** As if the vectors stood in the other store until now: what this one has begins empty. */
describe('a vector store that takes the place of another one', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let dataDir: string;
  let account: TestApp['admin'];

  const start = async (): Promise<TestApp> =>
    startTestApp({
      DATA_DIR: dataDir,
      EMBEDDING_MODEL: `gemini:${fake.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });

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
    app = await start();
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  it('gets the vectors of all passages, also of a document that was half embedded', async () => {
    const admin = await new Browser(app, account).signedIn();
    for (const until = Date.now() + 60_000; Date.now() < until;) {
      const { body } = await admin.get('/admin/index');
      if (body.waiting === 0 && body.vectors > 0) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await expectWhole(app, (await activeIndex(admin)).id);
  });
});
