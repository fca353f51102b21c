import { fill, resolve, routesOf, type Route, type Schema } from '../security/routes.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** Null for what may be left out means that it is left out. */
describe('null in a body', () => {
  let app: TestApp;
  let user: Browser;
  let admin: Browser;
  let document: string;

  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
    admin = await new Browser(app, app.admin).signedIn();
    const added = await user.post('/rag/add_document', {
      body: { doc_id: 'd', text: 'a walrus', title: 'T', metadata: { kind: 'a' }, wait_ms: 0 },
    });
    document = added.body.document_id;
  });
  afterAll(() => app?.close());

  it.each([
    [
      '/rag/rag_query',
      { query: 'walrus', collection_ids: null, document_ids: null, mode: null, n_results: null },
    ],
    ['/rag/langchain_query', { question: 'walrus', collection_ids: null, document_ids: null, n_docs: null }],
    [
      '/rag/add_document',
      { doc_id: 'n', text: 't', collection_id: null, metadata: null, wait_ms: 0, title: null },
    ],
    [
      '/rag/add_documents',
      { documents: [{ id: 'n2', doc_id: null, text: 't', metadata: null }], collection_id: null },
    ],
  ])('is left out by %s', async (path, body) => {
    const answer = await user.post(path, { body });
    expect([answer.status, answer.body.errors]).toEqual([200, undefined]);
    if (path === '/rag/rag_query') expect(answer.body.results[0].id).toBe('d');
  });

  it('is refused in a change of what cannot be null', async () => {
    const { body: made } = await user.post('/collections', { body: { name: 'kept' } });
    const { body: hook } = await user.post('/webhooks', { body: { url: 'https://example.com/hook' } });
    const changes: [string, string][] = [
      [`/documents/${document}`, 'title'],
      [`/documents/${document}`, 'metadata'],
      [`/collections/${made.id}`, 'name'],
      [`/webhooks/${hook.id}`, 'url'],
      [`/webhooks/${hook.id}`, 'events'],
      [`/webhooks/${hook.id}`, 'enabled'],
    ];
    for (const [path, field] of changes) {
      const { body: before } = await user.get(path);
      const { status, body } = await user.patch(path, { body: { [field]: null } });
      expect([path, status, body.code, body.errors?.[0]?.field]).toEqual([
        path,
        400,
        'validation_failed',
        field,
      ]);
      expect((await user.get(path)).body).toEqual(before);
      expect((await user.patch(path, { body: {} })).status).toBe(200);
    }
    const { body: refused } = await user.patch(`/documents/${document}`, { body: { title: null } });
    expect(refused.detail).toBe('title: title must be text, not null.');
  });

  it('is no metadata in a form', async () => {
    const answer = await user.upload([{ name: 'a.txt', data: Buffer.from('a form with null') }], {
      metadata: 'null',
      allow_duplicate: 'null',
    });
    expect([answer.status, answer.body.documents[0].metadata]).toEqual([202, {}]);
  });

  it('clears what is documented as nullable', async () => {
    const made = await user.post('/collections', { body: { name: 'c', description: 'old' } });
    const cleared = await user.patch(`/collections/${made.body.id}`, { body: { description: null } });
    expect([cleared.status, cleared.body.description]).toEqual([200, null]);
  });

  it('never breaks a route, wherever it stands', async () => {
    const { routes, schemas } = await routesOf(app);
    const valueOf = (schema: Schema): unknown => {
      const shape = resolve(schema, schemas);
      if (shape.enum) return shape.enum[0];
      if (shape.type === 'array') return [valueOf(shape.items ?? {})];
      if (shape.properties) return requiredOf(shape);
      if (shape.type === 'object') return {};
      if (shape.type === 'boolean') return true;
      if (shape.type === 'integer' || shape.type === 'number') return shape.minimum ?? 1;
      return shape.format === 'uuid' ? '018f3b1e-0000-7000-8000-000000000000' : (shape.example ?? 'x');
    };
    const requiredOf = (shape: Schema): Record<string, unknown> =>
      Object.fromEntries(
        (shape.required ?? []).map((name) => [name, valueOf(shape.properties?.[name] ?? {})]),
      );
    /** The least that is valid, with one value that is null. */
    const withNulls = (schema: Schema, mostDeep: number): Record<string, unknown>[] => {
      const shape = resolve(schema, schemas);
      const least = requiredOf(shape);
      return Object.entries(shape.properties ?? {}).flatMap(([name, property]) => {
        const inner = resolve(property, schemas);
        const items = inner.items ? resolve(inner.items, schemas) : undefined;
        const deeper =
          mostDeep === 0
            ? []
            : items
              ? [null, [], ...withNulls(items, mostDeep - 1)].map((item) => [item])
              : inner.properties
                ? [[], [[]], ...withNulls(inner, mostDeep - 1)]
                : [];
        return [null, ...deeper].map((value) => ({ ...least, [name]: value }));
      });
    };
    const asked = routes.filter(
      ({ body, multipart, name }) => body && !multipart && !name.includes('password'),
    );
    const broken: unknown[] = [];
    const send = async (route: Route, body: object): Promise<void> => {
      const path = fill(route.path, () => document);
      for (const browser of [admin, user]) {
        const client = app.http();
        const answer = await client[route.method](path)
          .set('Authorization', `Bearer ${browser.token}`)
          .send(body);
        if (answer.status >= 500 && answer.status !== 503) broken.push([route.name, body, answer.status]);
      }
    };
    for (const route of asked) for (const body of withNulls(route.body ?? {}, 3)) await send(route, body);
    expect(asked.length).toBeGreaterThan(20);
    expect(broken).toEqual([]);
  });
});
