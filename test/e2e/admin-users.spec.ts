import { randomUUID } from 'node:crypto';
import { AuditService } from '../../src/audit/audit.service.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail, mailsTo, outbox, tokenIn } from '../support/mails.js';

const INVITED = /You are invited/;

describe('administration of users and roles', () => {
  let app: TestApp;
  let admin: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
  });
  afterAll(() => app?.close());

  const idOf = async (browser: Browser): Promise<string> => (await browser.me()).body.id;
  const events = async (targetId: string): Promise<string[]> =>
    (await app.app.get(AuditService, { strict: false }).page({ targetId }, undefined, 100)).map(
      (row) => row.action,
    );
  const accept = async (email: string, count = 1): Promise<Browser> => {
    const token = tokenIn(await lastMail(app, email, INVITED, count));
    const account = { email, password: newPassword() };
    const body = { token, password: account.password };
    expect((await admin.post('/auth/invitations/accept', { body, anonymous: true })).status).toBe(200);
    return new Browser(app, account).signedIn();
  };

  test('an account is made by invitation; its owner alone chooses the password', async () => {
    const email = newEmail();
    const made = await admin.post('/admin/users', { body: { email, full_name: 'Ada', roles: ['admin'] } });
    expect([made.status, made.body]).toEqual([
      201,
      {
        id: expect.any(String),
        email,
        username: null,
        full_name: 'Ada',
        roles: ['admin', 'user'],
        is_active: true,
        email_verified: false,
        invited: true,
        second_factor: false,
        created_at: expect.any(String),
      },
    ]);
    for (const password of ['', '!', newPassword()])
      expect((await new Browser(app, { email, password }).login()).status).not.toBe(200);
    const again = await admin.post(`/admin/users/${made.body.id}/invitation`);
    expect([again.status, again.body]).toEqual([202, { status: 'invited' }]);
    const first = tokenIn((await mailsTo(app, email, INVITED, 2))[0]!);
    const stale = { token: first, password: newPassword() };
    expect((await admin.post('/auth/invitations/accept', { body: stale, anonymous: true })).status).toBe(400);
    const ada = await accept(email, 2);
    expect((await ada.get('/admin/users')).status).toBe(200);
    expect((await admin.get(`/admin/users/${made.body.id}`)).body).toMatchObject({
      invited: false,
      email_verified: true,
    });
    expect((await admin.post(`/admin/users/${made.body.id}/invitation`)).body.code).toBe('conflict');
    expect(await events(made.body.id)).toEqual(
      expect.arrayContaining(['user.invited', 'user.invitation_accepted']),
    );
  });

  test('an address or name that is taken, an unknown role, and a password are refused, and no mail goes out', async () => {
    const ada = await Browser.signedUp(app, { username: `ada${Date.now()}` });
    const { email, username } = (await ada.me()).body;
    const post = async (body: object): Promise<[number, string]> => {
      const response = await admin.post('/admin/users', { body });
      return [response.status, response.body.code];
    };
    const fresh = newEmail();
    expect(await post({ email })).toEqual([409, 'email_taken']);
    expect(await post({ email: email.toUpperCase() })).toEqual([409, 'email_taken']);
    expect(await post({ email: fresh, username })).toEqual([409, 'username_taken']);
    expect(await post({ email: fresh, roles: ['nobody'] })).toEqual([404, 'not_found']);
    for (const more of [
      { password: newPassword() },
      { is_active: true },
      { email_verified_at: null },
      { id: randomUUID() },
    ])
      expect(await post({ email: fresh, ...more })).toEqual([400, 'validation_failed']);
    const found = await admin.get(`/admin/users?search=${encodeURIComponent(fresh)}`);
    expect(found.body.items).toEqual([]);
    expect(outbox(app).filter((mail) => mail.to === fresh)).toEqual([]);
  });

  test('the list is searched, filtered and paged', async () => {
    const mark = `zq${Date.now().toString(36)}`;
    const people: Browser[] = [];
    for (let i = 0; i < 5; i++) people.push(await Browser.signedUp(app, { full_name: `${mark} 100%_${i}` }));
    const search = async (query: Record<string, string>): Promise<string[]> => {
      const { body } = await admin.get(`/admin/users?${new URLSearchParams(query).toString()}`);
      return body.items.map((user: { email: string }) => user.email);
    };
    const emails = people.map((person) => person.account.email);
    expect(await search({ search: mark.toUpperCase() })).toEqual(emails);
    expect(await search({ search: `${mark} 100%_3` })).toEqual([emails[3]]);
    // Not wildcards.
    expect(await search({ search: `${mark} 1%0` })).toEqual([]);
    expect(await search({ search: emails[2]! })).toEqual([emails[2]]);
    expect(await search({ search: mark, role: 'admin' })).toEqual([]);
    await admin.post(`/admin/users/${await idOf(people[1]!)}/disable`);
    expect(await search({ search: mark, active: 'false' })).toEqual([emails[1]]);
    expect(await search({ search: mark, active: 'true' })).toEqual(emails.filter((_, i) => i !== 1));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query = new URLSearchParams({ search: mark, limit: '2', ...(cursor ? { cursor } : {}) });
      const { body } = await admin.get(`/admin/users?${query.toString()}`);
      seen.push(...body.items.map((user: { email: string }) => user.email));
      cursor = body.next_cursor;
    } while (cursor);
    expect(seen).toEqual(emails);
  });

  test('disabling shuts out at once, sessions and keys; enabling lets in again, but brings none of them back', async () => {
    const ada = await Browser.signedUp(app);
    const id = await idOf(ada);
    const { key } = (await ada.post('/auth/api-keys', { body: { name: 'x', scopes: ['rag:query'] } })).body;
    const byKey = (): Promise<{ status: number }> => ada.get('/rag/secure-info', { bearer: key });
    expect((await byKey()).status).toBe(200);
    const disabled = await admin.post(`/admin/users/${id}/disable`);
    expect([disabled.status, disabled.body.is_active]).toEqual([200, false]);
    expect((await ada.me()).status).toBe(401);
    expect((await ada.refresh()).status).toBe(401);
    expect((await byKey()).status).toBe(401);
    expect((await new Browser(app, ada.account).login()).status).not.toBe(200);
    expect((await admin.post(`/admin/users/${id}/enable`)).body.is_active).toBe(true);
    expect((await ada.me()).status).toBe(401);
    expect((await ada.refresh()).status).toBe(401);
    expect((await byKey()).status).toBe(401);
    await ada.signedIn();
    expect(await events(id)).toEqual(
      expect.arrayContaining(['user.disabled', 'user.enabled', 'session.all_ended']),
    );
  });

  test('sessions are listed and ended, one or all, of that user only; keys are revoked', async () => {
    const ada = await Browser.signedUp(app);
    const id = await idOf(ada);
    const tablet = await ada.elsewhere({ device_name: 'tablet' });
    const { items } = (await admin.get(`/admin/users/${id}/sessions`)).body;
    expect(items.map((item: { device_name: string | null }) => item.device_name)).toEqual(['tablet', null]);
    const other = await Browser.signedUp(app);
    const foreign = (await other.me()).body.session_id;
    expect((await admin.delete(`/admin/users/${id}/sessions/${foreign}`)).status).toBe(404);
    expect((await other.me()).status).toBe(200);
    expect((await admin.delete(`/admin/users/${id}/sessions/${items[0].id}`)).status).toBe(204);
    expect([(await tablet.me()).status, (await ada.me()).status]).toEqual([401, 200]);
    const { key } = (await ada.post('/auth/api-keys', { body: { name: 'x', scopes: ['rag:query'] } })).body;
    expect((await admin.delete(`/admin/users/${id}/sessions`)).status).toBe(204);
    expect((await ada.me()).status).toBe(401);
    expect((await ada.get('/rag/secure-info', { bearer: key })).status).toBe(200);
    expect((await admin.delete(`/admin/users/${id}/api-keys`)).status).toBe(204);
    expect((await ada.get('/rag/secure-info', { bearer: key })).status).toBe(401);
    expect((await admin.delete(`/admin/users/${id}/sessions`)).status).toBe(204);
  });

  test('roles are given and taken with effect on the next request', async () => {
    const ada = await Browser.signedUp(app);
    const id = await idOf(ada);
    expect((await ada.get('/admin/users')).status).toBe(403);
    for (let round = 0; round < 2; round++)
      expect((await admin.put(`/admin/users/${id}/roles/admin`)).body.roles).toEqual(['admin', 'user']);
    expect((await ada.get('/admin/users')).status).toBe(200);
    for (let round = 0; round < 2; round++)
      expect((await admin.delete(`/admin/users/${id}/roles/admin`)).body.roles).toEqual(['user']);
    expect((await ada.get('/admin/users')).status).toBe(403);
    expect((await events(id)).filter((action) => action === 'user.roles_changed')).toHaveLength(2);
    for (const role of ['nobody', 'ADMIN', '%00', 'a%2fb', 'x'.repeat(65)])
      expect((await admin.put(`/admin/users/${id}/roles/${role}`)).status).toBe(404);
    expect((await admin.put(`/admin/users/${randomUUID()}/roles/admin`)).status).toBe(404);
  });

  test('a custom role opens what is granted to it, as long as it is held and there', async () => {
    const name = `r${Date.now().toString(36)}`;
    const made = await admin.post('/admin/roles', { body: { name, description: 'Those who answer mails' } });
    expect([made.status, made.body]).toEqual([
      201,
      {
        name,
        description: 'Those who answer mails',
        builtin: false,
        users: 0,
        created_at: expect.any(String),
      },
    ]);
    expect((await admin.post('/admin/roles', { body: { name } })).body.code).toBe('conflict');
    const owner = await Browser.signedUp(app);
    const collection = (await owner.post('/collections', { body: { name: 'shared' } })).body.id;
    const member = await Browser.signedUp(app);
    const memberId = await idOf(member);
    expect((await admin.put(`/admin/users/${memberId}/roles/${name}`)).status).toBe(200);
    expect((await member.get(`/collections/${collection}`)).status).toBe(404);
    const granted = await owner.put(`/collections/${collection}/grants`, {
      body: { subject: `role:${name}`, access: 'read' },
    });
    expect([granted.status, granted.body.subject]).toEqual([200, `role:${name}`]);
    expect((await member.get(`/collections/${collection}`)).body.access).toBe('read');
    const listed = (await admin.get('/admin/roles?limit=200')).body.items;
    expect(listed).toContainEqual({ ...made.body, users: 1 });
    expect((await admin.delete(`/admin/roles/${name}`)).status).toBe(204);
    expect((await member.get(`/collections/${collection}`)).status).toBe(404);
    const log = `/admin/audit?action=grant.taken_back&target_id=${collection}`;
    expect((await admin.get(log)).body.items).toEqual([
      expect.objectContaining({
        actor_id: await idOf(admin),
        details: { grant: granted.body.id, user: null, role: name, access: 'read', because: 'role.deleted' },
      }),
    ]);
    expect((await admin.get(`/admin/users/${memberId}`)).body.roles).toEqual(['user']);
    expect((await admin.delete(`/admin/roles/${name}`)).status).toBe(404);
    for (const builtin of ['admin', 'user'])
      expect((await admin.delete(`/admin/roles/${builtin}`)).body.code).toBe('conflict');
  });

  test('nobody gives a role that opens more than they may use, unless they say why', async () => {
    const name = `s${Date.now().toString(36)}`;
    await admin.post('/admin/roles', { body: { name } });
    const owner = await Browser.signedUp(app);
    const collection = (await owner.post('/collections', { body: { name: 'closed' } })).body.id;
    await owner.put(`/collections/${collection}/grants`, {
      body: { subject: `role:${name}`, access: 'write' },
    });
    const adminId = await idOf(admin);
    // Neither to themselves, nor to a friend, nor to somebody new.
    for (const id of [adminId, await idOf(await Browser.signedUp(app))])
      expect((await admin.put(`/admin/users/${id}/roles/${name}`)).body.code).toBe('forbidden');
    expect((await admin.post('/admin/users', { body: { email: newEmail(), roles: [name] } })).body.code).toBe(
      'forbidden',
    );
    // Reading it is not enough to let others write.
    const grant = { subject: `user:${adminId}`, access: 'read' };
    await owner.put(`/collections/${collection}/grants`, { body: grant });
    expect((await admin.put(`/admin/users/${adminId}/roles/${name}`)).body.code).toBe('forbidden');
    await owner.put(`/collections/${collection}/grants`, { body: { ...grant, access: 'write' } });
    expect((await admin.put(`/admin/users/${await idOf(owner)}/roles/${name}`)).status).toBe(200);
    await owner.put(`/collections/${collection}/grants`, { body: { ...grant, access: 'read' } });
    const headers = { 'x-admin-access': 'the owner left' };
    expect((await admin.put(`/admin/users/${adminId}/roles/${name}`, { headers })).status).toBe(200);
    await admin.delete(`/admin/roles/${name}`);
  });
});
