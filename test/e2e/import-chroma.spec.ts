import { CHROMA_MISSING, chromaBinary, startChroma, type ChromaServer } from '../support/chroma.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';

const binary = chromaBinary();
if (!binary) {
  if (process.env['REQUIRE_SHARED'] === '1') throw new Error(CHROMA_MISSING);
  console.warn(`skipped: ${CHROMA_MISSING}`);
}

(binary ? describe : describe.skip)('npm run import:chroma', () => {
  let app: TestApp;
  let server: ChromaServer;
  let user: Browser;

  beforeAll(async () => {
    [app, server] = await Promise.all([startTestApp(), startChroma(binary ?? '')]);
    user = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await server?.stop();
    await app?.close();
  });

  async function chroma(route: string, body: object): Promise<{ id: string }> {
    const response = await fetch(
      `${server.url}/api/v2/tenants/default_tenant/databases/default_database/collections${route}`,
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as { id: string };
  }

  async function run(args: string[]): Promise<{ code: number | string; output: string }> {
    const { port } = app.app.getHttpServer().address() as { port: number };
    const command = runNode('dist/cli/import-chroma.js', args, {
      API_URL: `http://127.0.0.1:${port}`,
      API_EMAIL: user.account.email,
      API_PASSWORD: user.account.password,
    });
    const code = await command.ended;
    return { code, output: command.output() };
  }

  it('brings ids, texts and metadata over, more than one page of them, and says what it left out', async () => {
    const { id } = await chroma('', { name: 'documents' });
    const size = 450;
    await chroma(`/${id}/upsert`, {
      ids: Array.from({ length: size }, (_, i) => `old/${i}`),
      documents: Array.from({ length: size }, (_, i) => (i === 7 ? ' ' : `Entry number ${i} about ferries.`)),
      metadatas: Array.from({ length: size }, (_, i) => ({
        n: i,
        source: 'é.pdf',
        ratio: i / 2,
        flag: i % 2 === 0,
      })),
      embeddings: Array.from({ length: size }, (_, i) => [i + 1, 1, 0]),
    });
    const first = await run([server.url]);
    expect(first.output).toContain('449 documents brought over, 1 left out');
    expect(first.output).toContain('"old/7": it has no text');
    expect(first.code).toBe(1);
    const hits = await user.post('/rag/rag_query', { body: { query: 'entry 123', filter: { n: 123 } } });
    expect(hits.body.results).toMatchObject([
      {
        id: 'old/123',
        text: 'Entry number 123 about ferries.',
        metadata: { n: 123, source: 'é.pdf', ratio: 61.5, flag: false },
      },
    ]);
    const again = await run([server.url, 'documents']);
    expect(again.output).toContain('449 documents brought over');
    const counted = await user.get('/documents?limit=200&filter={"source":"é.pdf"}'.replace('é', '%C3%A9'));
    expect(counted.body.items).toHaveLength(200);
  });

  it('says in one line what is wrong', async () => {
    expect((await run([])).code).toBe(64);
    expect((await run(['ftp://example.com'])).code).toBe(64);
    const missing = await run([server.url, 'no-such-collection']);
    expect(missing.output).toContain('has no collection no-such-collection');
    const away = await run(['http://127.0.0.1:9']);
    expect(away.output).toContain('does not answer');
    for (const { code, output } of [missing, away]) {
      expect(code).toBe(1);
      expect(output.trim().split('\n')).toHaveLength(1);
    }
  });
});
