import { gzipSync } from 'node:zlib';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** JSON is parsed in one go, and nobody else is served meanwhile: what takes long is refused before. */
describe('large JSON', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const send = (path: string, body: string, headers: Record<string, string> = {}) =>
    app
      .http()
      .post(path)
      .set({ 'Content-Type': 'application/json', ...headers })
      .send(body);
  const lists = `[${'[],'.repeat(5_200_000)}1]`;
  const keys = `{${Array.from({ length: 1_000_000 }, (_, i) => `"k${i}":1`).join(',')}}`;

  it.each(['/auth/login', '/rag/rag_query', '/nowhere'])(
    'of somebody who does not say who they are is too large for %s',
    async (path) => {
      const answer = await send(path, keys);
      expect([answer.status, answer.body.code]).toEqual([413, 'payload_too_large']);
    },
  );

  it.each(['/auth/login', '/rag/rag_query', '/admin/index', '/nowhere'])(
    'of a million values is refused by %s before it is parsed, whatever the credential',
    async (path) => {
      for (const [headers, body] of [
        [{ Authorization: 'Bearer nonsense' }, keys],
        [{ 'X-API-Key': 'nonsense' }, lists],
        [{ Authorization: `Bearer ${user.token}` }, lists],
      ] as const) {
        const answer = await send(path, body, headers);
        expect([answer.status, answer.body.code]).toEqual([400, 'validation_failed']);
        expect(answer.body.detail).toMatch(/has more than \d+ values/);
      }
    },
  );

  it('that was a few kilobytes on the way holds nobody up', async () => {
    const small = gzipSync(lists);
    expect(small.length).toBeLessThan(20_000);
    let longest = 0;
    let last = performance.now();
    const beat = setInterval(() => {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }, 5);
    const { port } = app.app.getHttpServer().address() as { port: number };
    for (const headers of [{}, { authorization: 'Bearer nonsense' }]) {
      const answer = await fetch(`http://127.0.0.1:${port}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip', ...headers },
        body: new Uint8Array(small),
      });
      expect(answer.status).toBe('authorization' in headers ? 400 : 413);
    }
    clearInterval(beat);
    // Some twenty seconds where every value is looked at by a function of ours.
    expect(longest).toBeLessThan(2000);
  });

  it('of one object with thousands of keys is refused before each is looked for among the others', async () => {
    const many = Object.fromEntries(Array.from({ length: 49_000 }, (_, i) => [`k${i}`, 1]));
    for (const body of [many, { query: 'x', nested: [many] }]) {
      const answer = await user.post('/rag/rag_query', { body });
      expect([answer.status, answer.body.detail]).toEqual([
        400,
        'An object in the body has more than 200 keys.',
      ]);
    }
    const metadata = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, 1]));
    expect(
      (await user.post('/rag/add_document', { body: { doc_id: 'x', text: 'x', metadata } })).status,
    ).toBe(200);
  });

  it('is in UTF-8: in another encoding its values could not be counted', async () => {
    for (const charset of ['utf-16le', 'utf-7', 'latin1']) {
      const type = `application/json; charset=${charset}`;
      const answer = await send('/auth/login', '{}', { 'Content-Type': type });
      expect([charset, answer.status, answer.body.code]).toEqual([charset, 415, 'unsupported_media_type']);
    }
  });

  it('is taken where so much has its use', async () => {
    const admin = await new Browser(app, app.admin).signedIn();
    const queries = Array.from({ length: 5000 }, (_, i) => ({
      id: `q${i}`,
      text: 'When? [{,',
      answerable: true,
    }));
    const judgements = Array.from({ length: 50_000 }, (_, i) => ({
      query_id: `q${i % 5000}`,
      document_id: '018f3b1e-0000-7000-8000-000000000000',
      doc_id: `a/${i}`,
      chunk_id: '018f3b1e-0000-7000-8000-000000000000',
      relevance: 'much',
    }));
    const answer = await admin.post('/admin/evaluations', { body: { queries, judgements } });
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([400, 'judgements.0.relevance']);
  });

  it('never holds the key __proto__, however it is written and wherever it stands', async () => {
    for (const body of [
      '{"__proto__":1}',
      String.raw`{"query":"q","\u005f_proto__":{}}`,
      '{"query":"q","filter":{"a":[{"__proto__":1}]}}',
    ]) {
      const answer = await send('/rag/rag_query', body, { Authorization: `Bearer ${user.token}` });
      expect([answer.status, answer.body.code, answer.body.detail]).toEqual([
        400,
        'malformed_json',
        'The body must not hold the key __proto__.',
      ]);
    }
  });
});
