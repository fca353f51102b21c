import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { FakeGemini } from '../support/fake-gemini.js';

/** The whole application on an encoder behind an API. */
describe('EMBEDDING_MODEL=gemini:...', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let ada: Browser;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp({
      EMBEDDING_MODEL: `gemini:${fake.model}`,
      GEMINI_EMBEDDING_DIMENSIONS: '128',
      GOOGLE_API_KEY: fake.key,
      GEMINI_BASE_URL: fake.url,
      LLM: 'none',
    });
    ada = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });

  const find = (query: string) => ada.post('/rag/rag_query', { body: { query, mode: 'hybrid' } });

  it('finds by meaning, and answers by words while the encoder is down', async () => {
    const added = await ada.post('/rag/add_documents', {
      body: {
        documents: [
          { doc_id: 'penguins', text: 'Penguins feed on krill, squid and fish.' },
          { doc_id: 'tax', text: 'Value added tax is due every quarter.' },
        ],
        wait_ms: 30_000,
      },
    });
    expect(added.body.results.map((one: { indexed: string }) => one.indexed)).toEqual(['full', 'full']);
    const found = await find('What do penguins eat?');
    expect(found.body.retrieval).toMatchObject({ mode: 'hybrid', degraded: [] });
    expect(found.body.results[0]).toMatchObject({ id: 'penguins', distance: expect.any(Number) });

    const asked = fake.requests.length;
    await find('What do penguins eat?');
    expect(fake.requests).toHaveLength(asked);

    fake.next({ status: 503 }, { status: 503 });
    const down = await find('What do squids eat?');
    expect(down.status).toBe(200);
    expect(down.body.retrieval).toMatchObject({ mode: 'lexical', degraded: ['encoder_unavailable'] });
    expect((await find('What do squids eat?')).body.retrieval).toMatchObject({
      mode: 'hybrid',
      degraded: [],
    });
  });
});
