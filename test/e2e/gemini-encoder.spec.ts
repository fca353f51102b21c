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

  it('answers by words when the encoder does not compare the sentences soon', async () => {
    const question = 'What do penguins feed on?';
    await find(question);
    const asked = fake.requests.length;
    fake.next({ hang: true });
    const { status, body } = await ada.post('/rag/ask', { body: { question } });
    expect([status, body.supported, body.model]).toEqual([200, true, 'extractive']);
    expect(body.answer).toContain('krill');
    // It is asked once, and let go.
    expect(fake.requests).toHaveLength(asked + 1);
    await fake.requests[asked]?.closed;
  });

  it.each([true, false])(
    'shows a client that left during the search nothing, streaming %s',
    async (stream) => {
      const shown = async (): Promise<number> =>
        (await admin.get(`/admin/audit?action=passages.shown&actor_id=${id}&limit=200`)).body.items.length;
      const admin = await new Browser(app, app.admin).signedIn();
      const { id } = (await ada.me()).body as { id: string };
      await find('What do penguins eat?');
      const before = await shown();
      const asked = fake.requests.length;
      fake.next({ hang: true });
      const leaving = new AbortController();
      const { port } = app.app.getHttpServer().address() as { port: number };
      const left = fetch(`http://127.0.0.1:${port}/rag/ask`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${ada.token}` },
        body: JSON.stringify({ question: `What do penguins that leave eat (${stream})?`, stream }),
        signal: leaving.signal,
      });
      left.catch(() => undefined);
      await until(() => fake.requests.length > asked, 'the question to be embedded');
      leaving.abort();
      await expect(left).rejects.toThrow();
      await fake.requests[asked]?.closed;
      // What comes later was noted later.
      await find('What do penguins eat?');
      await until(async () => (await shown()) > before, 'the later search in the log');
      expect(await shown()).toBe(before + 1);
    },
  );
});

async function until(met: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await met());) {
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
