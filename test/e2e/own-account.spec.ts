import fs from 'node:fs';
import path from 'node:path';
import { AccountErasureRepository } from '../../src/account/account-erasure.repository.js';
import { UserChanges } from '../../src/users/user-changes.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail } from '../support/mails.js';

const until = async (reached: () => Promise<boolean>, what: string): Promise<void> => {
  for (
    const end = Date.now() + 120_000;
    !(await reached());
    await new Promise((done) => setTimeout(done, 100))
  )
    if (Date.now() > end) throw new Error(`${what} did not happen`);
};

describe('the own account', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const tables = async (): Promise<string[]> =>
    (
      await app.source.query(
        `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind = 'r' and n.nspname in ('public', 'pgboss') order by 1`,
      )
    ).map(({ name }: { name: string }) => name);
  /** Tables with a row in which this text occurs. */
  const holding = async (text: string): Promise<string[]> => {
    const found: string[] = [];
    for (const table of await tables()) {
      const rows = await app.source.query(
        `select 1 from ${table} t where t::text ilike '%' || $1 || '%' limit 1`,
        [text],
      );
      if (rows.length) found.push(table);
    }
    return found;
  };

  test('names can be changed, and nothing else', async () => {
    const browser = await Browser.signedUp(app, { username: 'first.name', full_name: 'First' });
    const answer = await browser.patch('/users/me', { body: { username: 'second.name', full_name: null } });
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      username: 'second.name',
      full_name: null,
      email: browser.account.email,
    });
    expect((await browser.me()).body).toMatchObject({ username: 'second.name', full_name: null });
    expect((await browser.patch('/users/me', { body: {} })).body.username).toBe('second.name');
    for (const body of [
      { roles: ['admin'] },
      { is_active: true },
      { email: newEmail() },
      { email_verified_at: '2026-01-01' },
      { email_verified: true },
      { id: 'x' },
      { username: 'not a name' },
    ])
      expect((await browser.patch('/users/me', { body })).status).toBe(400);
    await Browser.signedUp(app, { username: 'third.name' });
    expect((await browser.patch('/users/me', { body: { username: 'THIRD.name' } })).body.code).toBe(
      'username_taken',
    );
  });

  test('nothing that was asked for at the moment of its erasure brings names or the account back', async () => {
    const browser = await Browser.signedUp(app, { username: 'forgotten', full_name: 'Grace Forgotten' });
    const { id } = (await browser.me()).body as { id: string };
    // As another process does it: this one still takes the session for a live one.
    await app.source.transaction(async (transaction) => {
      await app.app.get(UserChanges, { strict: false }).endAccess(transaction, id, 'deleted');
      await app.app.get(AccountErasureRepository, { strict: false }).anonymise(transaction, id);
    });
    const names = { username: 'remembered', full_name: 'Grace Remembered' };
    expect((await browser.patch('/users/me', { body: names })).status).toBe(401);
    const users = app.app.get(UsersService, { strict: false });
    await expect(users.setActive(id, true)).rejects.toMatchObject({ code: 'not_found' });
    const left = await app.source.query('select username, full_name, is_active from users where id = $1', [
      id,
    ]);
    expect(left).toEqual([{ username: null, full_name: null, is_active: false }]);
  });

  test('the export holds everything that the database knows about a user, and no secret', async () => {
    const browser = await Browser.signedUp(app, { full_name: 'Grace Exported' });
    const friend = await Browser.signedUp(app);
    const added = await browser.post('/rag/add_document', {
      body: {
        doc_id: 'd1',
        text: 'The quetzal nests in the cloud forest.',
        title: 'Birds',
        metadata: { a: 1 },
        wait_ms: 0,
      },
    });
    expect(added.status).toBe(200);
    const shared = (await friend.post('/collections', { body: { name: 'Shared by a friend' } })).body
      .id as string;
    const own = (await browser.post('/collections', { body: { name: 'Own one', description: 'mine' } })).body
      .id as string;
    const { id } = (await browser.me()).body as { id: string };
    const { id: friendId } = (await friend.me()).body as { id: string };
    await friend.put(`/collections/${shared}/grants`, { body: { subject: `user:${id}`, access: 'read' } });
    await browser.put(`/collections/${own}/grants`, {
      body: { subject: `user:${friendId}`, access: 'read' },
    });
    const key = (await browser.post('/auth/api-keys', { body: { name: 'my key', scopes: ['rag:query'] } }))
      .body.key as string;
    await friend.post('/rag/add_document', {
      body: { doc_id: 'f', text: 'A secret of the friend.', wait_ms: 0 },
    });

    const hook = await browser.post('/webhooks', {
      body: { url: 'https://hooks.example.com/in', events: ['document.ready'] },
    });
    expect(hook.status).toBe(201);
    const { secret: totp } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    // As if a language model had answered.
    const [{ conversation }] = await app.source.query(
      `with talk as (insert into conversations (id, user_id, title) values (gen_random_uuid(), $1, 'About birds') returning id),
            told as (insert into answers (id, user_id, conversation_id, question, answer, supported, model, citations, chunk_ids)
                     select gen_random_uuid(), $1, talk.id, 'Where does it nest?', 'In the cloud forest.', true, 'm', '[]', '{}'
                     from talk returning id),
            rated as (insert into answer_feedback (answer_id, helpful, comment) select id, true, 'quite so' from told),
            used as (insert into llm_user_usage (user_id, day, tokens, requests) values ($1, '2026-01-02', 321, 4))
       select id as conversation from talk`,
      [id],
    );

    const answer = await browser.get('/users/me/export');
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toContain('attachment');
    const data = JSON.parse(answer.text) as Record<string, Record<string, unknown>[]>;
    expect(data['profile']).toEqual([
      expect.objectContaining({ id, email: browser.account.email, full_name: 'Grace Exported' }),
    ]);
    expect(data['sessions']?.length).toBe(1);
    expect(data['api_keys']).toEqual([expect.objectContaining({ name: 'my key', scopes: ['rag:query'] })]);
    expect(data['collections']?.map(({ name }) => name)).toEqual(['Personal', 'Own one']);
    expect(data['grants_given']).toEqual([expect.objectContaining({ collection_id: own, access: 'read' })]);
    expect(data['grants_received']).toEqual([
      expect.objectContaining({ collection_id: shared, access: 'read' }),
    ]);
    expect(data['documents']).toEqual([
      expect.objectContaining({
        doc_id: 'd1',
        title: 'Birds',
        metadata: { a: 1 },
        text: 'The quetzal nests in the cloud forest.',
      }),
    ]);
    expect(data['activity']?.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['user.registered', 'session.opened']),
    );
    expect(data['conversations']).toEqual([
      expect.objectContaining({ id: conversation, title: 'About birds' }),
    ]);
    expect(data['answers']).toEqual([
      expect.objectContaining({
        conversation_id: conversation,
        question: 'Where does it nest?',
        answer: 'In the cloud forest.',
        feedback: expect.objectContaining({ helpful: true, comment: 'quite so' }),
      }),
    ]);
    expect(data['llm_usage']).toEqual([{ day: '2026-01-02', tokens: 321, requests: 4 }]);
    expect(data['storage_usage']).toEqual([expect.objectContaining({ documents: 1 })]);
    expect(data['second_factors']).toEqual([
      expect.objectContaining({ kind: 'totp', confirmed_at: null, recovery_codes_left: 0 }),
    ]);
    expect(data['webhook_endpoints']).toEqual([
      expect.objectContaining({ id: hook.body.id, url: 'https://hooks.example.com/in' }),
    ]);
    expect(answer.text).not.toContain('A secret of the friend');
    for (const secret of [
      key,
      key.slice(-20),
      hook.body.secret as string,
      totp,
      'argon2',
      'token_hash',
      'password_hash',
    ])
      expect(answer.text).not.toContain(secret);

    // A new table that refers to users has to say what becomes of its rows: exported, or named here with a reason.
    const exported = [
      'users',
      'user_roles',
      'refresh_tokens',
      'api_keys',
      'second_factors',
      'account_tokens',
      'collections',
      'collection_grants',
      'documents',
      'user_usage',
      'llm_user_usage',
    ];
    const passing = ['outgoing_mails', 'account_requests', 'idempotency_keys'];
    const referring = (
      await app.source.query(
        `select distinct conrelid::regclass::text as name from pg_constraint where contype = 'f' and confrelid = 'users'::regclass`,
      )
    ).map(({ name }: { name: string }) => name);
    const elsewhere = OTHER_TABLES.filter((name) => data[name] !== undefined);
    expect(
      referring.filter((name: string) => ![...exported, ...passing, ...elsewhere].includes(name)),
    ).toEqual([]);
  });

  test('an erased account leaves nothing that tells who it was, but what it did under an id', async () => {
    const email = `canary.person${Date.now().toString(36)}@example.com`;
    const browser = new Browser(app, { email, password: 'Vq7-a-lantern-over-the-harbour-x9' });
    await browser.register({ username: 'canaryusername', full_name: 'Canary Fullname' });
    await browser.signedIn({ device_name: 'canarydevice' });
    const { id } = (await browser.me()).body as { id: string };
    await browser.post('/rag/add_document', {
      body: { doc_id: 'canarydocument', text: 'Canarytext about birds.', title: 'Canarytitle', wait_ms: 0 },
    });
    const file = await browser.upload([
      { name: 'canaryfile.txt', data: Buffer.from('Canaryfiletext, a whole sentence.'), type: 'text/plain' },
    ]);
    expect(file.status).toBe(202);
    await browser.settled(file.body.documents[0].id);
    const mine = (await browser.get('/collections')).body.items[0].id as string;
    const friend = await Browser.signedUp(app);
    const { id: friendId } = (await friend.me()).body as { id: string };
    await browser.put(`/collections/${mine}/grants`, {
      body: { subject: `user:${friendId}`, access: 'read' },
    });
    const key = (await browser.post('/auth/api-keys', { body: { name: 'canarykey', scopes: ['rag:query'] } }))
      .body.key as string;
    await browser.post('/auth/mfa/totp');
    await browser.post('/auth/email/change', { body: { email: newEmail() } });
    await browser.post('/rag/rag_query', { body: { query: 'canarytext' } });
    expect(
      (await friend.post('/rag/rag_query', { body: { query: 'canarytext' } })).body.results.length,
    ).toBeGreaterThan(0);

    expect((await browser.delete('/users/me')).status).toBe(204);
    expect((await browser.me()).status).toBe(401);
    expect((await browser.refresh()).status).toBe(401);
    expect((await browser.login()).status).toBe(401);
    expect((await app.http().get('/collections').set('X-API-Key', key)).status).toBe(401);
    expect((await friend.post('/rag/rag_query', { body: { query: 'canarytext' } })).body.results).toEqual([]);
    expect((await friend.get(`/collections/${mine}`)).status).toBe(404);
    await lastMail(app, email, /account was deleted/);

    await until(
      async () => (await app.source.query('select 1 from users where id = $1', [id])).length === 0,
      'the erasure',
    );
    await until(
      async () => (await app.source.query('select 1 from outgoing_mails')).length === 0,
      'the last mail',
    );
    for (const text of [
      email,
      'canaryusername',
      'Canary Fullname',
      'canarydevice',
      'canarydocument',
      'Canarytext',
      'Canarytitle',
      'canaryfile',
      'canarykey',
    ])
      expect([text, await holding(text)]).toEqual([text, []]);
    const known = await holding(id);
    expect(known.filter((name) => !/audit_events|pgboss|removals/.test(name))).toEqual([]);
    expect(known.some((name) => name.includes('audit_events'))).toBe(true);
    const files = fs
      .readdirSync(path.join(app.settings.dataDir, 'files'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'utf8'));
    expect(files.filter((text) => text.includes('Canaryfiletext'))).toEqual([]);
    // The address is free again.
    expect((await new Browser(app, { email, password: browser.account.password }).register()).status).toBe(
      201,
    );
  });

  test('an erased account whose documents are still being removed is nobody, also to administrators', async () => {
    const browser = await Browser.signedUp(app);
    const { id } = (await browser.me()).body as { id: string };
    await app.source.query(
      `update users set email = 'erased-' || id || '@erased.invalid', is_active = false, password_hash = '!' where id = $1`,
      [id],
    );
    const admin = await new Browser(app, { ...app.admin }).signedIn();
    expect((await admin.get('/admin/users?search=erased.invalid')).body.items).toEqual([]);
    for (const answer of [
      await admin.get(`/admin/users/${id}`),
      // It would be kept for good.
      await admin.post(`/admin/users/${id}/enable`),
      await admin.post(`/admin/users/${id}/invitation`),
      await admin.put(`/admin/users/${id}/roles/admin`),
    ])
      expect(answer.status).toBe(404);
  });

  test('nothing that refers to users keeps them from being erased', async () => {
    const keeping = await app.source.query(
      `select conrelid::regclass::text as table, conname from pg_constraint
       where contype = 'f' and confrelid = 'users'::regclass and confdeltype not in ('c', 'n')`,
    );
    expect(keeping).toEqual([]);
  });

  test('the last administrator cannot leave; two cannot leave at once', async () => {
    const admin = await new Browser(app, { ...app.admin }).signedIn();
    const refused = await admin.delete('/users/me');
    expect([refused.status, refused.body.code]).toEqual([409, 'last_admin']);
    expect((await admin.me()).status).toBe(200);
    const second = await Browser.signedUp(app);
    await app.source.query(
      `insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r where u.email = $1 and r.name = 'admin'`,
      [second.account.email],
    );
    const answers = await Promise.all([admin.delete('/users/me'), second.delete('/users/me')]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([204, 409]);
  });

  test('needs somebody who is signed in, not a key', async () => {
    const browser = await Browser.signedUp(app);
    const key = (await browser.post('/auth/api-keys', { body: { name: 'k', scopes: ['documents:read'] } }))
      .body.key as string;
    for (const [method, url] of [
      ['patch', '/users/me'],
      ['get', '/users/me/export'],
      ['delete', '/users/me'],
    ] as const) {
      expect((await app.http()[method](url)).status).toBe(401);
      expect((await app.http()[method](url).set('X-API-Key', key)).body.code).toBe('key_not_allowed');
    }
  });
});

/** Tables of other features whose name is also that of their section in the export. */
const OTHER_TABLES = ['evaluations', 'conversations', 'answers', 'webhook_endpoints'];
