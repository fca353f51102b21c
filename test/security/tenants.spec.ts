import { randomUUID } from 'node:crypto';
import type { Response } from 'supertest';
import { SCOPE_NAMES } from '../../src/common/security/scopes.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { ask, fill, resolve, routesOf, type Answer, type Route, type Schema } from './routes.js';

/** Words that the victim alone has, one for each place, so that a leak names its source. */
const CANARY = {
  text: 'Zephyrocanary',
  title: 'Titlocanary',
  doc: 'doccanary',
  meta: 'Metacanary',
  collection: 'Collecticanary',
  file: 'Filocanary',
  key: 'Keycanary',
  question: 'Questiocanary',
  device: 'Devicanary',
  hook: 'hookcanary',
  evaluation: 'Evaluacanary',
  address: 'Addressocanary',
};
const LEAK = new RegExp(Object.values(CANARY).join('|'), 'i');
const QUESTION = 'Where is the treasure of the island kept?';
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

interface Request {
  path: string;
  query: Record<string, string>;
  body: Record<string, unknown> | undefined;
}

describe('what belongs to somebody else', () => {
  let app: TestApp;
  let url: string;
  let routes: Route[];
  let schemas: Record<string, Schema>;
  let victim: Browser;
  let mallory: Browser;
  let ids: Record<string, string>;
  /** What the victim sees of their own at the start. */
  let before: unknown;

  beforeAll(async () => {
    app = await startTestApp();
    url = await app.app.getUrl();
    ({ routes, schemas } = await routesOf(app));
    const email = `${CANARY.address.toLowerCase()}.${Date.now().toString(36)}@example.com`;
    victim = new Browser(app, { email, password: newPassword() });
    await victim.register({ full_name: 'Victim' });
    await victim.signedIn({ device_name: CANARY.device });
    mallory = await Browser.signedUp(app);
    ids = await possessions();
    before = await state();
  });
  afterAll(() => app?.close());

  async function possessions(): Promise<Record<string, string>> {
    const collection = (await victim.post('/collections', { body: { name: CANARY.collection } })).body.id;
    const friend = await Browser.signedUp(app);
    const { id: friendId } = (await friend.me()).body;
    const grant = await victim.put(`/collections/${collection}/grants`, {
      body: { subject: `user:${friendId}`, access: 'read' },
    });
    const text = `${CANARY.text}: the treasure of the island is kept under the old mill.`;
    const added = await victim.post('/rag/add_document', {
      body: {
        doc_id: CANARY.doc,
        text,
        title: CANARY.title,
        metadata: { kind: CANARY.meta },
        collection_id: collection,
        wait_ms: 0,
      },
    });
    const personal = await victim.post('/rag/add_document', {
      body: { doc_id: `${CANARY.doc}-2`, text, wait_ms: 0 },
    });
    const uploaded = await victim.upload(
      [{ name: `${CANARY.file}.txt`, data: Buffer.from(text), type: 'text/plain' }],
      {
        collection_id: collection,
      },
    );
    await victim.settled(uploaded.body.documents[0].id);
    const answered = await victim.post('/rag/ask', { body: { question: `${CANARY.question} ${QUESTION}` } });
    const key = await victim.post('/auth/api-keys', { body: { name: CANARY.key, scopes: ['rag:query'] } });
    const webhook = await victim.post('/webhooks', {
      body: { url: `https://${CANARY.hook}.invalid/`, description: CANARY.hook },
    });
    const delivery = await victim.post(`/webhooks/${webhook.body.id}/ping`, {});
    const gone = await victim.post('/collections', { body: { name: `${CANARY.collection} 2` } });
    const removal = await victim.delete(`/collections/${gone.body.id}`);
    // Only administrators have these; nobody else may see one.
    const admin = await new Browser(app, app.admin).signedIn();
    const evaluation = await admin.post('/admin/evaluations', {
      body: {
        name: CANARY.evaluation,
        queries: [{ id: 'q1', text: CANARY.evaluation }],
        judgements: [{ query_id: 'q1', doc_id: 'd1', relevance: 1 }],
      },
    });
    const me = (await victim.me()).body;
    const chunks = (await victim.get(`/documents/${added.body.document_id}/chunks`)).body.items;
    const found: Record<string, string> = {
      collection,
      grant: grant.body.id,
      document: added.body.document_id,
      personal: personal.body.document_id,
      upload: uploaded.body.documents[0].id,
      key: key.body.id,
      session: me.session_id,
      user: me.id,
      chunk: chunks[0].id,
      webhook: webhook.body.id,
      delivery: delivery.body.id,
      removal: removal.body.removal_id,
      evaluation: evaluation.body.id,
    };
    // Whatever else an answer named: kept answers, conversations.
    const known = new Set(Object.values(found));
    for (const id of JSON.stringify(answered.body).match(UUID) ?? [])
      if (!known.has(id)) found[`answer ${id}`] = id;
    const conversation = await victim.post('/conversations', { body: { title: CANARY.question } });
    if (conversation.status === 201) {
      found['conversation'] = conversation.body.id;
      const body = { question: `${CANARY.question} ${QUESTION}`, conversation_id: conversation.body.id };
      await victim.post('/rag/ask', { body });
    }
    expect(Object.entries(found).filter(([, id]) => !/^[0-9a-f-]{36}$/.test(id ?? ''))).toEqual([]);
    return found;
  }

  /** All that the victim's own routes say of what must not change. */
  async function state(): Promise<unknown> {
    const seen: unknown[] = [];
    for (const path of [
      `/documents/${ids['document']}`,
      `/documents/${ids['document']}/text`,
      `/documents/${ids['document']}/chunks`,
      `/documents/${ids['personal']}`,
      `/collections/${ids['collection']}`,
      `/collections/${ids['collection']}/grants`,
      '/collections',
      '/auth/sessions',
      '/auth/me',
      '/webhooks',
      ...(ids['conversation'] ? [`/conversations/${ids['conversation']}`] : []),
    ]) {
      const response = await victim.get(path);
      expect([path, response.status]).toEqual([path, 200]);
      seen.push([path, response.text]);
    }
    const keys = (await victim.get('/auth/api-keys')).body.items;
    return [...seen, keys.map((key: { id: string }) => key.id)];
  }

  /** Values for a field, by its name: what the victim has. */
  function valuesFor(name: string, schema: Schema, place: 'body' | 'address' = 'body'): unknown[] {
    const shape = resolve(schema, schemas);
    const array = shape.type === 'array' || (Array.isArray(shape.type) && shape.type.includes('array'));
    if (array && shape.items)
      return valuesFor(name.replace(/s$/, ''), shape.items)
        .slice(0, 6)
        .map((value) => [value]);
    if (shape.enum) return shape.enum.slice(0, 8);
    // In a body it names a document of whoever asks, who may see that name again.
    if (/doc_id|^id$/.test(name) && shape.format !== 'uuid')
      return [place === 'address' ? CANARY.doc : 'mine'];
    if (/subject/.test(name)) return [`user:${ids['user']}`];
    if (/email/.test(name)) return [victim.account.email];
    if (shape.format === 'uuid' || /(^|_)ids?$/.test(name)) {
      const own = ids[name.replace(/_ids?$/, '')];
      return own ? [own, ...Object.values(ids).filter((id) => id !== own)] : Object.values(ids);
    }
    if (/filter|metadata/.test(name)) return [{ kind: CANARY.meta }, { kind: { $ne: 'x' } }];
    if (/query|question|prompt|search|text/.test(name)) return [QUESTION];
    if (/password/.test(name)) return ['a lantern over the quiet harbour'];
    if (shape.type === 'object' || shape.properties) return [build(shape)];
    if (shape.type === 'boolean') return [true, false];
    if (shape.type === 'integer' || shape.type === 'number') return [Math.max(shape.minimum ?? 1, 1)];
    return [typeof shape.example === 'string' ? shape.example : 'x'];
  }

  function build(schema: Schema): Record<string, unknown> {
    const shape = resolve(schema, schemas);
    return Object.fromEntries(
      (shape.required ?? []).map((name) => [name, valuesFor(name, shape.properties?.[name] ?? {})[0]]),
    );
  }

  /** Every id of the victim in every place for an id; every field and parameter, one at a time. */
  function* requests(route: Route): Generator<Request> {
    const path = (value: (name: string) => string): string => fill(route.path, value);
    const inPath = route.parameters.filter((parameter) => parameter.in === 'path');
    const inQuery = route.parameters.filter((parameter) => parameter.in === 'query');
    const query = Object.fromEntries(
      inQuery
        .filter(({ required }) => required)
        .map(({ name, schema }) => [name, String(valuesFor(name, schema ?? {}, 'address')[0])]),
    );
    const shape = route.body ? resolve(route.body, schemas) : undefined;
    const body = shape && !route.multipart ? build(shape) : undefined;
    const paths = inPath.length === 0 ? [route.path] : Object.values(ids).map((id) => path(() => id));
    if (inPath.length > 1)
      for (const first of Object.values(ids))
        for (const second of Object.values(ids)) {
          let at = 0;
          paths.push(path(() => (at++ === 0 ? first : second)));
        }
    for (const each of paths) yield { path: each, query, body };
    const [some = route.path] = paths;
    for (const { name, schema } of inQuery)
      for (const value of valuesFor(name, schema ?? {}, 'address'))
        yield { path: some, query: { ...query, [name]: String(value) }, body };
    for (const [name, property] of Object.entries(body ? (shape?.properties ?? {}) : {}))
      for (const value of valuesFor(name, property))
        yield { path: some, query, body: { ...body, [name]: value } };
  }

  const send = (route: Route, request: Request, headers: Record<string, string>): Promise<Answer> => {
    const query = new URLSearchParams(request.query).toString();
    const path = query ? `${request.path}?${query}` : request.path;
    return ask(`${url}${path}`, route.method, headers, request.body);
  };

  /** Leaks as lines: the canaries, and ids of the victim that the request did not name itself. */
  async function leaks(
    which: readonly Route[],
    headersOf: () => Promise<Record<string, string>>,
    idsCount: boolean,
  ): Promise<{ found: string[]; asked: number }> {
    const found: string[] = [];
    let asked = 0;
    for (const route of which)
      for (const request of requests(route)) {
        asked++;
        const response = await send(route, request, await headersOf());
        const named = JSON.stringify([request, ...mine]);
        const said = `${response.text} ${JSON.stringify(response.headers)}`;
        const words = (said.match(new RegExp(LEAK, 'gi')) ?? []).filter(
          (word) => !named.toLowerCase().includes(word.toLowerCase()),
        );
        const leaked = idsCount
          ? Object.entries(ids).filter(([, id]) => said.includes(id) && !named.includes(id))
          : [];
        if (response.status >= 500 && response.status !== 503)
          found.push(`${route.name}: ${response.status}`);
        if (words.length || leaked.length)
          found.push(
            `${route.name} ${JSON.stringify(request)}: ${response.status} ${words.join()} ${leaked.map(([name]) => name).join()}`,
          );
      }
    return { found, asked };
  }

  /** What whoever asks had sent before and may see again: a grant to the victim names the victim. */
  const mine: string[] = [];
  const closed = (): Route[] =>
    routes.filter((route) => route.access !== 'public' && !/^\/(auth\/password|users\/me)/.test(route.path));

  test('the same requests show it to its owner: these tests can fail', async () => {
    const readable = closed().filter(
      (route) => route.method === 'get' || /rag_query|langchain_query|rag\/ask/.test(route.path),
    );
    const { found } = await leaks(readable, async () => ({ authorization: `Bearer ${victim.token}` }), true);
    const shown = new Set(found.map((line) => line.split(' ').slice(0, 2).join(' ')));
    for (const name of [
      'GET /documents',
      'GET /documents/{id}',
      'GET /documents/{id}/text',
      'GET /documents/{id}/chunks',
      'GET /documents/{id}/content',
      'GET /collections',
      'GET /collections/{id}',
      'GET /auth/sessions',
      'GET /auth/api-keys',
      'GET /webhooks',
      'GET /webhooks/{id}',
      'GET /webhooks/{id}/deliveries',
      'POST /rag/rag_query',
      'POST /rag/langchain_query',
      'POST /rag/ask',
    ])
      expect(shown).toContain(name);
    // Some of what was asked added to a conversation.
    before = await state();
  });

  test('never appears to another user, on any route, by any id, filter or field', async () => {
    const signedIn = async (): Promise<Record<string, string>> => {
      // Some of these requests end sessions; whoever attacks signs in again.
      if ((await mallory.me()).status !== 200) await mallory.signedIn();
      return { authorization: `Bearer ${mallory.token}` };
    };
    const { found, asked } = await leaks(closed(), signedIn, true);
    expect(found).toEqual([]);
    expect(asked).toBeGreaterThan(400);
  }, 600_000);

  test('never appears to a key of another user with every scope', async () => {
    const scopes = SCOPE_NAMES.filter((scope) => scope !== 'admin:read');
    if ((await mallory.me()).status !== 200) await mallory.signedIn();
    const { key } = (await mallory.post('/auth/api-keys', { body: { name: 'x', scopes } })).body;
    const headers = { 'x-api-key': key as string };
    expect(
      (
        await leaks(
          closed().filter((route) => route.scope),
          async () => headers,
          true,
        )
      ).found,
    ).toEqual([]);
  }, 600_000);

  test('never appears to an administrator who states no reason', async () => {
    const admin = await new Browser(app, app.admin).signedIn();
    const headers = { authorization: `Bearer ${admin.token}` };
    const content = closed().filter((route) => route.scope && route.scope !== 'admin:read');
    expect((await leaks(content, async () => headers, true)).found).toEqual([]);
  }, 600_000);

  test('is found in none of the ways in which something may be there without being shown', async () => {
    if ((await mallory.me()).status !== 200) await mallory.signedIn();
    const unknown = randomUUID();
    // An id of the victim and one that nobody has are answered alike, byte for byte.
    const alike = async (path: (id: string) => string, id: string): Promise<void> => {
      const [theirs, nobodys] = [await mallory.get(path(id)), await mallory.get(path(unknown))];
      const bare = ({ status, body }: Response): unknown => [status, { ...body, request_id: null }];
      expect([path(id), bare(theirs)]).toEqual([path(id), bare(nobodys)]);
    };
    await alike((id) => `/documents/${id}`, ids['document']!);
    await alike((id) => `/documents/${id}/text`, ids['document']!);
    await alike((id) => `/documents/${id}/content`, ids['upload']!);
    await alike((id) => `/collections/${id}`, ids['collection']!);
    await alike((id) => `/collections/${id}/grants`, ids['collection']!);
    await alike((id) => `/documents?collection_id=${id}`, ids['collection']!);
    for (const method of ['delete', 'post'] as const) {
      const theirs = await mallory[method](
        method === 'post' ? `/documents/${ids['document']}/retry` : `/auth/sessions/${ids['session']}`,
      );
      expect(theirs.status).toBe(404);
    }
    // Who knows an id does not learn the address: not in what was given, not in what is listed, not in the export.
    const shared = (await mallory.post('/collections', { body: { name: 'bait' } })).body.id;
    const grant = { subject: `user:${ids['user']}`, access: 'read' };
    const given = await mallory.put(`/collections/${shared}/grants`, { body: grant });
    expect([given.status, given.body.email]).toEqual([200, null]);
    for (const path of [`/collections/${shared}/grants`, '/users/me/export'])
      expect((await mallory.get(path)).text).not.toMatch(LEAK);
    expect((await mallory.delete(`/collections/${shared}/grants/${given.body.id}`)).status).toBe(204);
    // The victim's doc_id is free to everybody else, in their own collections.
    const own = await mallory.post('/rag/add_document', {
      body: { doc_id: CANARY.doc, text: 'mine', wait_ms: 0 },
    });
    expect(own.status).toBe(200);
    expect(own.body.document_id).not.toBe(ids['document']);
  });

  test('was not changed by any of this', async () => {
    expect(await state()).toEqual(before);
  });
});
