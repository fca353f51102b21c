import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

interface Body {
  content: Record<string, { example?: unknown }>;
}

/** What the server says where a body is not one that it takes, whoever sends it and whatever there is. */
const FORM = new Set([
  'validation_failed',
  'malformed_json',
  'malformed_request',
  'unsupported_media_type',
  'invalid_filter',
]);

describe('examples of the API description', () => {
  let app: TestApp;
  let admin: Browser;
  let bodies: { method: 'post' | 'put' | 'patch'; path: string; type: string; example: unknown }[];

  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
    const paths = (await app.http().get('/openapi.json')).body.paths as Record<
      string,
      Record<string, { requestBody?: Body }>
    >;
    bodies = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { requestBody }]) =>
        Object.entries(requestBody?.content ?? {}).map(([type, { example }]) => ({
          method: method as 'post',
          path,
          type,
          example,
        })),
      ),
    );
  });
  afterAll(() => app?.close());

  it('are there for every body but files', () => {
    const without = bodies.filter(({ example }) => example === undefined);
    expect(without.map(({ path }) => path)).toEqual(['/documents']);
    expect(bodies.length).toBeGreaterThan(30);
  });

  it('are taken as they stand', async () => {
    const own = (await admin.get('/collections')).body.items[0].id;
    for (const { method, path, type, example } of bodies) {
      if (example === undefined) continue;
      const filled = path
        .replace('/collections/{id}', `/collections/${own}`)
        .replaceAll(/\{\w+\}/g, () => randomUUID());
      const answer = await admin[method](filled, {
        body: example as object | string,
        headers: { 'content-type': type },
      });
      const { code, detail, errors } = answer.body ?? {};
      const refused = FORM.has(code) ? { code, detail, errors } : undefined;
      expect([method, path, refused]).toEqual([method, path, undefined]);
      expect([method, path, answer.status === 500]).toEqual([method, path, false]);
      if (answer.status === 401) await admin.signedIn();
    }
  });

  it('that of an import brings its document', async () => {
    const { body } = await admin.get('/documents?q=bridge+facts');
    expect(body.items.map((d: { doc_id: string }) => d.doc_id)).toEqual(['bridge/1']);
  });

  it('that of an evaluation starts one', async () => {
    const { example } = bodies.find(({ path }) => path === '/admin/evaluations')!;
    const { status, body } = await admin.post('/admin/evaluations', { body: example as object });
    expect([status, body.progress?.total]).toEqual([202, 2]);
  });
});
