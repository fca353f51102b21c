import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** Whatever a client sends gets a problem of the 4xx kind with a code, and leaves nothing behind. */
describe('bad input', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MAX_BODY_BYTES: '2mb', MAX_UPLOAD_BYTES: '1mb' });
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  const routes: [string, string, Record<string, unknown>][] = [
    ['add_document', '/rag/add_document', { doc_id: 'd', text: 't' }],
    ['rag_query', '/rag/rag_query', { query: 'q' }],
    ['ask', '/rag/ask', { question: 'q' }],
    ['langchain_query', '/rag/langchain_query', { question: 'q' }],
    ['generate', '/llm/generate', { prompt: 'p' }],
    ['collections', '/collections', { name: 'n' }],
    ['register', '/auth/register', { email: 'a@example.com', password: 'long enough password' }],
    ['login', '/auth/login', { email: 'a@example.com', password: 'long enough password' }],
  ];
  const hostile: [string, unknown][] = [
    ['a NUL', 'a\0b'],
    ['a lone surrogate', 'a\ud800b'],
    ['a number', 7],
    ['null', null],
    ['an array', ['x']],
    ['an object', { $gt: '' }],
    ['nothing', ''],
    ['a megabyte', 'x'.repeat(1_000_001)],
  ];

  it.each(
    routes.flatMap(([name, path, body]) =>
      hostile.map(([what, value]) => [name, what, path, body, value] as const),
    ),
  )('%s refuses %s in any field', async (name, what, path, body, value) => {
    for (const field of Object.keys(body)) {
      if (name === 'add_document' && field === 'text' && what === 'a megabyte') continue;
      const response = await user.post(path, { body: { ...body, [field]: value } });
      expect([field, Math.floor(response.status / 100)]).toEqual([
        field,
        name === 'generate' && response.status === 503 ? 5 : 4,
      ]);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(response.body).toMatchObject({
        code: expect.any(String),
        status: response.status,
        request_id: expect.any(String),
      });
    }
  });

  it.each(routes)(
    '%s refuses unknown fields, broken JSON, other bodies and prototypes',
    async (_name, path, body) => {
      const send = (raw: string, type = 'application/json') =>
        app
          .http()
          .post(path)
          .set('Authorization', `Bearer ${user.token}`)
          .set('Content-Type', type)
          .send(raw);
      expect((await user.post(path, { body: { ...body, is_admin: true } })).body.code).toBe(
        'validation_failed',
      );
      expect((await send('{"a":')).body.code).toBe('malformed_json');
      expect((await send('"text"')).status).toBe(400);
      expect((await send('[]')).status).toBe(400);
      expect((await send('{"__proto__":{"is_admin":true}}')).status).toBe(400);
      expect((await send(JSON.stringify(body), 'text/plain')).status).toBe(415);
      expect((await send('a=b', 'application/x-www-form-urlencoded')).status).toBe(415);
      expect((await send(JSON.stringify({ ...body, pad: 'x'.repeat(3_000_000) }))).status).toBe(413);
    },
  );

  it.each([
    ['/documents/not-an-id', 404],
    ['/documents/%00', 404],
    ['/documents/%E0%A4%A', 400],
    ['/documents?limit=0', 400],
    ['/documents?limit=1e9', 400],
    ['/documents?limit=5&limit=6', 400],
    ['/documents?status=lost', 400],
    ['/documents?unknown=1', 400],
    ['/documents?collection_id=1', 400],
    ['/documents?cursor=%FF', 400],
    ['/collections/1', 404],
    ['/nowhere', 404],
  ])('GET %s gives %i', async (path, status) => {
    const response = await user.get(path);
    expect([path, response.status]).toEqual([path, status]);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  });

  it.each([
    ['PUT', '/documents', 'DELETE, GET, HEAD, POST'],
    ['POST', '/health/live', 'GET, HEAD'],
    ['DELETE', '/rag/ask', 'POST'],
    ['PATCH', '/openapi.json', 'GET, HEAD'],
    ['PUT', '/nowhere', undefined],
  ])('%s %s tells which methods there are', async (method, path, allowed) => {
    const verb = method.toLowerCase() as 'put' | 'post' | 'delete' | 'patch';
    const response = await app.http()[verb](path);
    expect([response.status, response.headers['allow']]).toEqual([allowed ? 405 : 404, allowed]);
    expect(response.body.code).toBe(allowed ? 'method_not_allowed' : 'not_found');
  });

  it.each([
    [{ n_results: 0 }],
    [{ n_results: 101 }],
    [{ n_results: 1.5 }],
    [{ n_results: '3' }],
    [{ mode: 'magic' }],
    [{ group_by: 'page' }],
    [{ collection_ids: [] }],
    [{ collection_ids: ['x'] }],
    [{ document_ids: 'x' }],
  ])('rag_query refuses %j', async (extra) => {
    const response = await user.post('/rag/rag_query', { body: { query: 'q', ...extra } });
    expect(response.status).toBe(400);
    expect(response.body.code).toBe('validation_failed');
  });

  it.each([
    ['/rag/rag_query', { query: 'q', n_results: '3' }, 'isInt'],
    ['/rag/rag_query', { query: 5 }, 'isText'],
    ['/rag/add_documents', { documents: 'x' }, 'isArray'],
    ['/rag/add_documents', { documents: ['x'] }, 'isObject'],
    ['/admin/evaluations', { feedback: 'x' }, 'isObject'],
    ['/admin/index', { encoder: 'all', sample: [] }, 'isObject'],
  ])('%s tells that %j is of the wrong type, before anything else', async (path, body, code) => {
    const admin = await new Browser(app, app.admin).signedIn();
    const refused = await admin.post(path, { body });
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].code).toBe(code);
    const page = await user.get('/documents?limit=x');
    expect(page.body.errors[0].code).toBe('isInt');
  });

  it.each([
    ['long', '0,'.repeat(300_000) + '0'],
    ['deep', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['deep enough for the parser', '['.repeat(4000) + ']'.repeat(4000)],
    ['deep and of objects', '{"a":'.repeat(3000) + '1' + '}'.repeat(3000)],
  ])('refuses a list that is %s', async (_what, items) => {
    for (const [path, field] of [
      ['/auth/login', 'email'],
      ['/rag/rag_query', 'filter'],
      ['/rag/rag_query', 'collection_ids'],
    ] as const) {
      const response = await app
        .http()
        .post(path)
        .set('Authorization', `Bearer ${user.token}`)
        .type('json')
        .send(`{"query":"q","password":"p","${field}":[${items}]}`);
      expect([path, field, response.status]).toEqual([path, field, 400]);
    }
  });

  it.each(Array.from({ length: 12 }, (_, i) => 500 * (i + 1)))(
    'refuses a list of %i levels',
    async (levels) => {
      const response = await app
        .http()
        .post('/auth/login')
        .type('json')
        .send(`{"password":"p","email":${'['.repeat(levels)}${']'.repeat(levels)}}`);
      expect(response.status).toBe(400);
    },
  );

  it.each([
    ['/auth/api-keys', 'collection_ids', '[],'.repeat(2_000)],
    ['/auth/login', 'judgements', '{},'.repeat(2_000)],
    ['/rag/rag_query', 'document_ids', `[${'0,'.repeat(1_999)}0],`.repeat(30)],
    ['/rag/add_document', 'title', '[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]],'],
  ])('%s is told that %s is more than can be looked at', async (path, field, items) => {
    const response = await app
      .http()
      .post(path)
      .set('Authorization', `Bearer ${user.token}`)
      .type('json')
      .send(`{"${field}":[${items}0]}`);
    expect([response.status, response.body.code]).toEqual([400, 'validation_failed']);
    expect(response.body.detail).toMatch(/has more than [0-9]+ (?:items|values|levels)/);
  });

  const ID = '018f3b1e-0000-7000-8000-000000000000';
  it.each(['0000-01-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T25:00:00Z', '...'])(
    'refuses a cursor of the time %s',
    async (at) => {
      const cursor = Buffer.from(JSON.stringify([at, ID])).toString('base64url');
      for (const path of ['/documents', '/collections', '/conversations', '/auth/sessions']) {
        const response = await user.get(`${path}?cursor=${cursor}`);
        expect([path, response.status, response.body.code]).toEqual([path, 400, 'invalid_cursor']);
      }
    },
  );

  it.each(['2026-W10', '2026-045', '2026-01-01T10', '2026-02-30T00:00:00Z', '0000-12-31T00:00:00Z', ''])(
    'refuses %j as a time',
    async (since) => {
      const admin = await new Browser(app, app.admin).signedIn();
      const query = `since=${encodeURIComponent(since)}`;
      for (const response of [
        await admin.get(`/admin/feedback/query-set?${query}`),
        await admin.get(`/admin/audit?${query}`),
        await admin.post('/admin/evaluations', { body: { feedback: { since } } }),
      ])
        expect([response.status, response.body.code]).toEqual([400, 'validation_failed']);
    },
  );

  it('takes lines of JSON nowhere but where an export is brought back', async () => {
    for (const [, path, body] of routes) {
      const response = await app
        .http()
        .post(path)
        .set('Authorization', `Bearer ${user.token}`)
        .set('Content-Type', 'application/x-ndjson')
        .send(JSON.stringify(body));
      expect([path, response.status, response.body.code]).toEqual([path, 415, 'unsupported_media_type']);
    }
  });

  it('takes ids in capitals for what they are', async () => {
    const added = await user.post('/rag/add_document', {
      body: { doc_id: 'case', text: 'a walrus', wait_ms: 0 },
    });
    const { document_id: id } = added.body as { document_id: string };
    const { collection_id: collection } = (await user.get(`/documents/${id}`)).body as {
      collection_id: string;
    };
    const found = await user.post('/rag/rag_query', {
      body: {
        query: 'walrus',
        collection_ids: [collection.toUpperCase()],
        document_ids: [id.toUpperCase()],
      },
    });
    expect([found.status, found.body.results?.[0]?.document_id]).toEqual([200, id]);
    const again = await user.post('/rag/add_document', {
      body: { doc_id: 'case', text: 'a walrus', collection_id: collection.toUpperCase(), wait_ms: 0 },
    });
    expect([again.status, again.body.document_id]).toEqual([200, id]);
    const listed = await user.get(`/documents?collection_id=${collection.toUpperCase()}&doc_id=case`);
    expect(listed.body.items).toEqual([expect.objectContaining({ id })]);
  });

  it('takes metadata only in bounds', async () => {
    const add = (metadata: unknown) =>
      user.post('/rag/add_document', { body: { doc_id: 'm', text: 'meta', metadata, wait_ms: 0 } });
    const deep = { a: { a: { a: { a: { a: { a: 1 } } } } } };
    for (const bad of [[], 'x', 1, deep, { a: 'x'.repeat(20_000) }, { a: 'b\0' }, { a: { 'b\ud800': 1 } }])
      expect((await add(bad)).status).toBe(400);
    expect((await add({})).status).toBe(200);
    expect((await add({ a: [1, 'two', { b: true }], c: null })).status).toBe(200);
    const builtIn = {
      constructor: 'x',
      toString: 1,
      a: { constructor: { name: 'y' }, hasOwnProperty: null },
    };
    const added = await add(builtIn);
    expect(added.status).toBe(200);
    expect((await user.get(`/documents/${added.body.document_id}`)).body.metadata).toEqual(builtIn);
  });

  it('answers queries of any script, of stop words only, and of nothing that is known', async () => {
    await user.post('/rag/add_document', { body: { doc_id: 'zh', text: '北京是中国的首都。', wait_ms: 0 } });
    for (const query of [
      'the of and',
      '!!!',
      '🦉'.repeat(500),
      '"unclosed (a OR b) AND NOT :*',
      '北京',
      'שלום',
      "'; drop table users; --",
    ]) {
      const response = await user.post('/rag/rag_query', { body: { query } });
      expect([query, response.status]).toEqual([query, 200]);
    }
    const [hit] = (await user.post('/rag/rag_query', { body: { query: '首都' } })).body.results;
    expect(hit.id).toBe('zh');
  });

  it('refuses a file above the limit and keeps nothing of it', async () => {
    const response = await user.upload([{ name: 'big.txt', data: Buffer.alloc(1_200_000, 'a') }]);
    expect(response.status).toBe(413);
    expect(response.body.code).toBe('payload_too_large');
    const [row] = await app.source.query<{ n: number }[]>(
      'select count(*)::int as n from document_versions where file_key is not null',
    );
    expect(row?.n).toBe(0);
  });

  it('refuses a JSON body where files are expected, and a form without a boundary', async () => {
    expect((await user.post('/documents', { body: {} })).status).toBe(415);
    const broken = await app
      .http()
      .post('/documents')
      .set('Authorization', `Bearer ${user.token}`)
      .set('Content-Type', 'multipart/form-data')
      .send('x');
    expect(broken.status).toBe(400);
    const cut = await app
      .http()
      .post('/documents')
      .set('Authorization', `Bearer ${user.token}`)
      .set('Content-Type', 'multipart/form-data; boundary=b')
      .send('--b\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nhalf a fi');
    expect(cut.status).toBe(400);
    const nameless = await app
      .http()
      .post('/documents')
      .set('Authorization', `Bearer ${user.token}`)
      .set('Content-Type', 'multipart/form-data; boundary=b')
      .send('--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n');
    expect([nameless.status, nameless.body.code]).toEqual([400, 'malformed_request']);
  });
});
