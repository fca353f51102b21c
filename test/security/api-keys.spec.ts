import { randomUUID } from 'node:crypto';
import { AuditService } from '../../src/audit/audit.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

describe('API keys', () => {
  let app: TestApp;
  let ada: Browser;
  let adaId: string;
  beforeAll(async () => {
    app = await startTestApp();
    ada = await Browser.signedUp(app);
    adaId = (await ada.me()).body.id;
  });
  afterAll(() => app?.close());

  interface Made {
    id: string;
    key: string;
    prefix: string;
  }
  const make = async (scopes: string[], more: object = {}, by = ada): Promise<Made> => {
    const response = await by.post('/auth/api-keys', { body: { name: 'test', scopes, ...more } });
    expect([response.status, response.body.detail]).toEqual([201, undefined]);
    return response.body;
  };
  const using = (key: string): { get: typeof ada.get; post: typeof ada.post; delete: typeof ada.delete } => {
    const program = new Browser(app);
    program.token = key;
    return program;
  };
  const add = async (by: Browser, text: string, collectionId?: string): Promise<string> => {
    const body = {
      doc_id: randomUUID(),
      text,
      wait_ms: 0,
      ...(collectionId ? { collection_id: collectionId } : {}),
    };
    const response = await by.post('/rag/add_document', { body });
    expect(response.status).toBe(200);
    return response.body.document_id;
  };
  const newCollection = async (by = ada): Promise<string> =>
    (await by.post('/collections', { body: { name: 'c' } })).body.id;

  test('are shown once, and nobody who reads the database or the log can use them', async () => {
    const made = await make(['rag:query']);
    expect(made.key.startsWith(`${made.prefix}_`)).toBe(true);
    const secret = made.key.slice(made.prefix.length + 1);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
    const listed = await ada.get('/auth/api-keys');
    expect(listed.body.items).toContainEqual({
      id: made.id,
      name: 'test',
      prefix: made.prefix,
      scopes: ['rag:query'],
      collection_ids: null,
      created_at: expect.any(String),
      expires_at: expect.any(String),
      last_used_at: null,
    });
    expect(JSON.stringify(listed.body)).not.toContain(secret);
    for (const table of ['api_keys', 'audit_events']) {
      const rows = await app.source.query(`select t::text as line from ${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      expect(JSON.stringify(rows)).not.toContain(secret);
    }
  });

  test('are taken from two headers, and from nowhere else', async () => {
    const { key } = await make(['rag:query']);
    const ask = (headers: Record<string, string>, path = '/rag/secure-info') =>
      ada.get(path, { anonymous: true, headers });
    expect((await ask({ authorization: `Bearer ${key}` })).status).toBe(200);
    expect((await ask({ authorization: `bearer ${key}` })).status).toBe(200);
    expect((await ask({ 'x-api-key': key })).status).toBe(200);
    expect((await ask({ 'x-api-key': key, authorization: `Bearer ${key}` })).status).toBe(200);
    for (const query of ['api_key', 'key', 'x-api-key', 'access_token', 'token'])
      expect((await ask({}, `/rag/secure-info?${query}=${key}`)).status).toBe(401);
    expect((await ask({ cookie: `api_key=${key}; x-api-key=${key}` })).status).toBe(401);
    expect((await ask({ authorization: `Basic ${key}` })).status).toBe(401);
    expect((await ask({ authorization: key })).status).toBe(401);
    // Two credentials that differ: neither counts, whichever of them is good.
    expect((await ask({ 'x-api-key': key, authorization: `Bearer ${ada.token}` })).status).toBe(401);
    expect((await ask({ 'x-api-key': 'x', authorization: `Bearer ${key}` })).status).toBe(401);
    expect((await ask({ 'x-api-key': '', authorization: `Bearer ${ada.token}` })).status).toBe(401);
    expect((await ask({ 'x-api-key': ada.token! })).status).toBe(401);
  });

  test('must match to the last character; all failures look alike', async () => {
    const { key, prefix } = await make(['rag:query']);
    const other = await make(['rag:query']);
    const last = key.at(-1) === 'A' ? 'B' : 'A';
    const answers = [];
    for (const wrong of [
      key.slice(0, -1) + last,
      key.slice(0, -1),
      `${key}A`,
      key.toUpperCase(),
      `${prefix}_${other.key.slice(prefix.length + 1)}`,
      `aib_${'a'.repeat(12)}_${'b'.repeat(43)}`,
      'aib_',
      prefix,
    ]) {
      const { status, body, headers } = await using(wrong).get('/rag/secure-info');
      answers.push(JSON.stringify([status, { ...body, request_id: null }, headers['www-authenticate']]));
    }
    expect([...new Set(answers)]).toHaveLength(1);
    expect(answers[0]).toContain('"unauthenticated"');
  });

  test('can do what their scopes name and nothing else', async () => {
    const calls = {
      'documents:read': (by: Browser) => by.get('/documents'),
      'documents:write': (by: Browser) =>
        by.post('/rag/add_document', { body: { doc_id: randomUUID(), text: 'x', wait_ms: 0 } }),
      'rag:query': (by: Browser) => by.post('/rag/rag_query', { body: { query: 'x' } }),
      'llm:generate': (by: Browser) => by.post('/llm/generate', { body: { prompt: 'x' } }),
      'collections:read': (by: Browser) => by.get('/collections'),
      'collections:write': (by: Browser) => by.post('/collections', { body: { name: 'x' } }),
    };
    for (const scope of Object.keys(calls)) {
      const { key } = await make([scope]);
      const program = using(key) as Browser;
      for (const [needed, call] of Object.entries(calls)) {
        const { status, body } = await call(program);
        if (needed === scope) expect([scope, status]).not.toEqual([scope, 403]);
        else expect([needed, status, body.code]).toEqual([needed, 403, 'insufficient_scope']);
      }
    }
  });

  test('cannot make or revoke keys, see sessions, or touch accounts, whatever their scopes', async () => {
    const { key, id } = await make([
      'documents:read',
      'documents:write',
      'rag:query',
      'llm:generate',
      'collections:read',
      'collections:write',
      'collections:share',
    ]);
    const program = using(key) as Browser;
    const refused = [
      await program.post('/auth/api-keys', { body: { name: 'x', scopes: ['rag:query'] } }),
      await program.get('/auth/api-keys'),
      await program.delete(`/auth/api-keys/${id}`),
      await program.get('/auth/me'),
      await program.get('/auth/sessions'),
      await program.delete('/auth/sessions'),
      await program.delete(`/auth/sessions/${id}`),
    ];
    for (const { status, body } of refused) expect([status, body.code]).toEqual([403, 'key_not_allowed']);
    // It cannot end a session either, and is no access token for logout.
    expect((await program.post('/auth/logout')).status).toBe(401);
    expect((await ada.me()).status).toBe(200);
  });

  test('limited to collections, they see and touch nothing else: in lists, by id, in queries, in writes', async () => {
    const [inside, outside] = [await newCollection(), await newCollection()];
    const visible = await add(ada, 'The canary sings in the orchard.', inside);
    const hidden = await add(ada, 'The canary sings in the cellar.', outside);
    const personal = await add(ada, 'The canary sings in the attic.');
    const scopes = [
      'documents:read',
      'documents:write',
      'rag:query',
      'collections:read',
      'collections:write',
    ];
    const { key } = await make([...scopes, 'collections:share'], { collection_ids: [inside] });
    const program = using(key) as Browser;

    expect((await program.get('/collections')).body.items.map((c: { id: string }) => c.id)).toEqual([inside]);
    expect((await program.get('/documents')).body.items.map((d: { id: string }) => d.id)).toEqual([visible]);
    for (const id of [hidden, personal])
      for (const path of ['', '/text', '/chunks', '/content'])
        expect((await program.get(`/documents/${id}${path}`)).status).toBe(404);
    expect((await program.get(`/collections/${outside}`)).status).toBe(404);
    expect((await program.get(`/collections/${outside}/grants`)).status).toBe(404);
    expect((await program.delete(`/collections/${outside}`)).status).toBe(404);
    expect((await program.delete(`/documents/${hidden}`)).status).toBe(404);

    const question = { query: 'Where does the canary sing?', n_results: 50 };
    const found = async (by: Browser, more: object = {}): Promise<string[]> =>
      (await by.post('/rag/rag_query', { body: { ...question, ...more } })).body.results.map(
        (result: { document_id: string }) => result.document_id,
      );
    // The owner asks first and last: what was looked up for one must not serve the other.
    expect((await found(ada)).toSorted()).toEqual([visible, hidden, personal].toSorted());
    expect(await found(program)).toEqual([visible]);
    expect(await found(program, { document_ids: [hidden, personal] })).toEqual([]);
    expect((await found(ada)).toSorted()).toEqual([visible, hidden, personal].toSorted());
    expect(
      (await program.post('/rag/rag_query', { body: { ...question, collection_ids: [outside] } })).status,
    ).toBe(404);

    const body = { doc_id: randomUUID(), text: 'x', wait_ms: 0 };
    expect((await program.post('/rag/add_document', { body })).body.code).toBe('forbidden');
    expect(
      (await program.post('/rag/add_document', { body: { ...body, collection_id: outside } })).status,
    ).toBe(404);
    expect(
      (await program.post('/rag/add_document', { body: { ...body, collection_id: inside } })).status,
    ).toBe(200);
    expect((await program.post('/collections', { body: { name: 'another' } })).body.code).toBe('forbidden');
  });

  test('are worth what their owner may do at this moment', async () => {
    const owner = await Browser.signedUp(app);
    const collection = await newCollection(owner);
    const document = await add(owner, 'Granted and taken back.', collection);
    const grant = await owner.put(`/collections/${collection}/grants`, {
      body: { subject: `user:${adaId}`, access: 'read' },
    });
    const { key } = await make(['documents:read', 'documents:write'], { collection_ids: [collection] });
    const program = using(key) as Browser;
    expect((await program.get(`/documents/${document}`)).status).toBe(200);
    expect((await program.delete(`/documents/${document}`)).status).toBe(403);
    await owner.delete(`/collections/${collection}/grants/${grant.body.id}`);
    expect((await program.get(`/documents/${document}`)).status).toBe(404);
    expect((await program.get('/documents')).body.items).toEqual([]);
  });

  test('cannot name a collection that their maker may not read', async () => {
    const foreign = await newCollection(await Browser.signedUp(app));
    for (const id of [foreign, randomUUID()]) {
      const body = { name: 'x', scopes: ['documents:read'], collection_ids: [id] };
      const response = await ada.post('/auth/api-keys', { body });
      expect([response.status, response.body.detail]).toEqual([404, 'There is no such collection.']);
    }
  });

  test('read administration only as long as their owner is an administrator', async () => {
    const users = app.app.get(UsersService, { strict: false });
    const boss = await Browser.signedUp(app);
    const { id } = (await boss.me()).body;
    const body = { name: 'x', scopes: ['admin:read'] };
    expect((await boss.post('/auth/api-keys', { body })).body.code).toBe('forbidden');
    await users.changeRoles(id, { add: ['admin'] });
    const { key } = await make(['admin:read'], {}, boss);
    expect((await using(key).get('/admin/dashboard')).status).toBe(200);
    expect((await using(key).get('/admin/audit')).status).toBe(200);
    await users.changeRoles(id, { remove: ['admin'] });
    expect((await using(key).get('/admin/dashboard')).body.code).toBe('forbidden');
    await users.setActive(id, false);
    expect((await using(key).get('/admin/dashboard')).status).toBe(401);
    await users.setActive(id, true);
    expect((await using(key).get('/admin/dashboard')).status).toBe(401);
  });

  test('do not come back when an account that was disabled is enabled', async () => {
    const users = app.app.get(UsersService, { strict: false });
    const user = await Browser.signedUp(app);
    const { id } = (await user.me()).body;
    const { key, id: keyId } = await make(['rag:query'], {}, user);
    expect((await using(key).get('/rag/secure-info')).status).toBe(200);
    await users.setActive(id, false);
    await users.setActive(id, true);
    expect((await using(key).get('/rag/secure-info')).status).toBe(401);
    await user.signedIn();
    expect((await user.get('/auth/api-keys')).body.items).toEqual([]);
    const rows = await app.source.query(
      `select details from audit_events where action = 'api_key.revoked' and target_id = $1`,
      [keyId],
    );
    expect(rows).toEqual([{ details: { user: id, because: 'user.disabled' } }]);
    // A new one works.
    const again = await make(['rag:query'], {}, user);
    expect((await using(again.key).get('/rag/secure-info')).status).toBe(200);
  });

  test('stop at once when revoked, and are gone for everybody but the log', async () => {
    const { key, id } = await make(['rag:query']);
    expect((await using(key).get('/rag/secure-info')).status).toBe(200);
    const mallory = await Browser.signedUp(app);
    expect((await mallory.delete(`/auth/api-keys/${id}`)).status).toBe(404);
    expect((await using(key).get('/rag/secure-info')).status).toBe(200);
    expect((await ada.delete(`/auth/api-keys/${id}`)).status).toBe(204);
    expect((await using(key).get('/rag/secure-info')).status).toBe(401);
    expect((await ada.delete(`/auth/api-keys/${id}`)).status).toBe(404);
    const { items } = (await ada.get('/auth/api-keys')).body;
    expect(items.map((item: { id: string }) => item.id)).not.toContain(id);
  });

  test('expire', async () => {
    const { key, id } = await make(['rag:query'], { expires_in_days: 1 });
    expect((await using(key).get('/rag/secure-info')).status).toBe(200);
    await app.source.query(`update api_keys set expires_at = now() where id = $1`, [id]);
    const until = Date.now() + 30_000;
    while ((await using(key).get('/rag/secure-info')).status === 200 && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await using(key).get('/rag/secure-info')).status).toBe(401);
    const forever = await make(['rag:query'], { expires_in_days: null });
    const { items } = (await ada.get('/auth/api-keys')).body;
    expect(items.find((item: { id: string }) => item.id === forever.id).expires_at).toBeNull();
  });

  test('their use is written once a minute, to the key and to the log', async () => {
    const { key, id } = await make(['rag:query']);
    const audit = app.app.get(AuditService, { strict: false });
    await Promise.all(Array.from({ length: 20 }, () => using(key).get('/rag/secure-info')));
    const state = async (): Promise<{ at: Date | null; version: string }> =>
      (
        await app.source.query(
          'select last_used_at as at, xmin::text as version from api_keys where id = $1',
          [id],
        )
      )[0];
    const until = Date.now() + 30_000;
    while ((await state()).at === null && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const first = await state();
    expect(first.at).not.toBeNull();
    for (let i = 0; i < 20; i++) await using(key).get('/rag/secure-info');
    expect(await state()).toEqual(first);
    const rows = await audit.page({ targetId: id, action: 'api_key.used' }, undefined, 100);
    // One at once; a second one with the number of all others when a minute ended meanwhile.
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.length).toBeLessThanOrEqual(3);
    const [created] = await audit.page({ targetId: id, action: 'api_key.created' }, undefined, 100);
    expect(created).toMatchObject({ actor_id: adaId, target_type: 'api_key' });
  });

  test('are limited in number also when made in parallel', async () => {
    const eve = await Browser.signedUp(app);
    const { id } = (await eve.me()).body;
    await app.source.query(
      `insert into api_keys (id, user_id, name, prefix, hash, scopes)
       select gen_random_uuid(), $1, 'x', 'p' || n, '', '{}' from generate_series(1, 98) n`,
      [id],
    );
    const body = { name: 'x', scopes: ['rag:query'] };
    const made = await Promise.all(Array.from({ length: 10 }, () => eve.post('/auth/api-keys', { body })));
    expect(made.map((response) => response.status).toSorted((a, b) => a - b)).toEqual([
      201,
      201,
      ...Array<number>(8).fill(409),
    ]);
  });

  test.each([
    { scopes: [] },
    { scopes: ['everything'] },
    { scopes: ['rag:query', 'rag:query'] },
    { scopes: 'rag:query' },
    { scopes: ['rag:query'], user_id: randomUUID() },
    { scopes: ['rag:query'], collection_ids: [] },
    { scopes: ['rag:query'], collection_ids: ['x'] },
    { scopes: ['rag:query'], expires_in_days: 0 },
    { scopes: ['rag:query'], expires_in_days: 1e9 },
    { scopes: ['rag:query'], expires_in_days: 1.5 },
    { scopes: ['rag:query'], name: ' ' },
    { scopes: ['rag:query'], key: 'aib_x' },
  ])('are not made of %j', async (body) => {
    expect((await ada.post('/auth/api-keys', { body: { name: 'x', ...body } })).status).toBe(400);
  });

  test('are not looked at where nobody needs one', async () => {
    const admin = await new Browser(app, app.admin).signedIn();
    const { key } = await make(['rag:query', 'admin:read'], {}, admin);
    expect((await using(key).get('/health/live')).status).toBe(200);
    const details = async (by: Pick<Browser, 'get'>): Promise<unknown[]> =>
      Object.values((await by.get('/health/ready')).body.parts).map(
        (part) => (part as { detail: unknown }).detail,
      );
    expect((await details(admin)).some((detail) => detail !== null)).toBe(true);
    expect((await details(using(key))).every((detail) => detail === null)).toBe(true);
  });
});
