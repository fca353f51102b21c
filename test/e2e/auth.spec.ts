import { SessionCleanup } from '../../src/auth/sessions/session-cleanup.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';

interface ProblemBody {
  code: string;
  errors?: { field: string; code: string }[];
}

describe('accounts and sessions', () => {
  let app: TestApp;
  let user: Browser;

  beforeAll(async () => {
    app = await startTestApp({ MAX_SESSIONS: '4' });
    user = await Browser.signedUp(app, { username: 'Ada.L', full_name: 'Ada Lovelace' });
  });
  afterAll(() => app?.close());

  const sessionsOf = async (
    browser: Browser,
  ): Promise<{ id: string; current: boolean; device_id: string }[]> =>
    (await browser.get('/auth/sessions')).body.items;
  const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  describe('registration', () => {
    test('stores no password and returns none', async () => {
      const browser = new Browser(app);
      const response = await browser.register();
      expect(response.text).not.toContain(browser.account.password);
      const [row] = await app.source.query('select password_hash from users where email = $1', [
        browser.account.email,
      ]);
      expect(row.password_hash).toMatch(/^\$argon2id\$v=19\$m=19456,p=1,t=2\$/);
    });

    test('gives a personal collection', async () => {
      const browser = await Browser.signedUp(app);
      const { body } = await browser.get('/collections');
      expect(body.items).toHaveLength(1);
    });

    test.each([
      ['email_taken', () => ({ email: user.account.email.toUpperCase() })],
      ['username_taken', () => ({ username: 'ada.l' })],
    ])('answers 409 %s whatever the case', async (code, body) => {
      const response = await new Browser(app).register(body());
      expect(response.status).toBe(409);
      expect(response.body.code).toBe(code);
    });

    test('of one address by ten at once makes exactly one account', async () => {
      const email = newEmail();
      const answers = await Promise.all(
        Array.from({ length: 10 }, () => new Browser(app).register({ email })),
      );
      expect(answers.filter((answer) => answer.status === 201)).toHaveLength(1);
      expect(answers.filter((answer) => answer.body.code === 'email_taken')).toHaveLength(9);
      const [row] = await app.source.query('select count(*)::int as n from users where email = $1', [email]);
      expect(row.n).toBe(1);
    });

    test('accepts an address without a dot, spaces, emoji and composed letters in a password', async () => {
      const email = `root${Date.now()}@localhost`;
      const decomposed = 'cafe\u0301 au lait 🚀 tous';
      expect((await new Browser(app).register({ email, password: decomposed })).status).toBe(201);
      expect((await new Browser(app).login({ email, password: decomposed.normalize('NFC') })).status).toBe(
        200,
      );
    });

    test.each([
      ['14 characters', 'a'.repeat(14), 'too_short'],
      // 14 code points, 28 UTF-16 units.
      ['14 emoji', '🚀'.repeat(14), 'too_short'],
      ['1,025 bytes', 'é'.repeat(513), 'too_long'],
      ['those that attackers try first', '1234567890qwerty', 'too_common'],
      ['one word again and again', 'heron!heron!heron!', 'too_predictable'],
      ['the name of this product', 'ai-backend ai-backend', 'contains_identity'],
    ])('refuses a password of %s', async (_, password, code) => {
      const response = await new Browser(app).register({ password });
      expect(response.status).toBe(400);
      expect(response.body).toMatchObject({ code: 'weak_password', errors: [{ field: 'password', code }] });
    });

    test.each([
      ['address', (email: string) => ({ password: `${email}!` })],
      ['username', () => ({ username: 'grace.hopper', password: 'Grace-Hopper-1906' })],
      ['name', () => ({ full_name: 'Grace Brewster Hopper', password: 'gracebrewsterhopper' })],
    ])('refuses a password that is little more than the own %s', async (_, body) => {
      const email = newEmail();
      const response = await new Browser(app).register({ email, ...body(email) });
      expect(response.body).toMatchObject({ code: 'weak_password', errors: [{ code: 'contains_identity' }] });
    });

    test('is 403 when it is closed', async () => {
      const closed = await startTestApp({ REGISTRATION: 'closed' });
      try {
        const response = await new Browser(closed).register();
        expect(response.status).toBe(403);
        expect(response.body.code).toBe('registration_closed');
      } finally {
        await closed.close();
      }
    });
  });

  describe('bad input', () => {
    const big = 'x'.repeat(1_000_000);
    const cases: [string, string, object | string][] = [
      [
        'an unknown field',
        '/auth/register',
        { email: 'a@example.com', password: 'p'.repeat(20), roles: ['admin'] },
      ],
      ['an unknown field', '/auth/login', { email: 'a@example.com', password: 'p', is_active: true }],
      ['no name', '/auth/login', { password: 'p' }],
      ['both names', '/auth/login', { email: 'a@example.com', username: 'a', password: 'p' }],
      ['no password', '/auth/login', { email: 'a@example.com' }],
      ['no body', '/auth/login', ''],
      ['an array', '/auth/login', []],
      ['a number for a name', '/auth/login', { username: 7, password: 'p' }],
      ['an object for an address', '/auth/login', { email: { $ne: null }, password: 'p' }],
      ['NUL in a name', '/auth/login', { username: 'a\0b', password: 'p' }],
      ['NUL in a password', '/auth/login', { username: 'a', password: 'p\0' }],
      ['a lone surrogate in a name', '/auth/login', '{"username":"a\\ud800","password":"p"}'],
      ['a lone surrogate in a password', '/auth/login', '{"username":"a","password":"\\udc00"}'],
      ['NUL in a device', '/auth/login', { username: 'a', password: 'p', device_id: '\0' }],
      ['1 MB of name', '/auth/login', { username: big, password: 'p' }],
      ['1 MB of address', '/auth/register', { email: `${big}@example.com`, password: 'p'.repeat(20) }],
      ['1 MB of password', '/auth/login', { username: 'a', password: big }],
      [
        '1 MB of full name',
        '/auth/register',
        { email: 'a@example.com', password: 'p'.repeat(20), full_name: big },
      ],
      [
        'NUL in a full name',
        '/auth/register',
        { email: 'a@example.com', password: 'p'.repeat(20), full_name: 'a\0' },
      ],
      [
        'an @ in a username',
        '/auth/register',
        { email: 'a@example.com', password: 'p'.repeat(20), username: 'a@b' },
      ],
      ['no address', '/auth/register', { email: 'nobody', password: 'p'.repeat(20) }],
      ['broken JSON', '/auth/login', '{"username":'],
    ];
    test.each(cases)('%s at %s is a 400 or 413 problem', async (_, path, body) => {
      const response = await new Browser(app).post(path, { body, anonymous: true });
      expect([400, 413]).toContain(response.status);
      expect(response.type).toBe('application/problem+json');
      expect((response.body as ProblemBody).code).not.toBe('internal_error');
    });
  });

  describe('sign-in', () => {
    test.each([
      ['the address in capitals', () => ({ email: user.account.email.toUpperCase() })],
      ['the username', () => ({ email: undefined, username: 'Ada.L' })],
      ['the username in other case', () => ({ email: undefined, username: 'ADA.l' })],
      ['the address in the field username', () => ({ email: undefined, username: user.account.email })],
    ])('by %s', async (_, names) => {
      const response = await new Browser(app, user.account).login(names());
      expect(response.status).toBe(200);
      expect(response.body.user.email).toBe(user.account.email);
    });

    test('looks the same for an unknown account and a wrong password', async () => {
      const wrong = await new Browser(app, user.account).login({ password: 'not the password at all' });
      const unknown = await new Browser(app).login();
      for (const response of [wrong, unknown]) expect(response.status).toBe(401);
      const { request_id: _a, ...first } = wrong.body;
      const { request_id: _b, ...second } = unknown.body;
      expect(first).toEqual(second);
    });

    test('renews a hash that was made with less work', async () => {
      const browser = await Browser.signedUp(app);
      const { default: argon2 } = await import('argon2');
      const old = await argon2.hash(browser.account.password, {
        memoryCost: 8192,
        timeCost: 1,
        parallelism: 1,
      });
      const where = [browser.account.email];
      await app.source.query('update users set password_hash = $2 where email = $1', [...where, old]);
      const answers = await Promise.all([browser.elsewhere(), browser.elsewhere()]);
      for (const other of answers) expect((await other.me()).status).toBe(200);
      const [row] = await app.source.query('select password_hash from users where email = $1', where);
      expect(row.password_hash).toMatch(/m=19456,p=1,t=2/);
    });

    test('ends the oldest session beyond MAX_SESSIONS', async () => {
      const first = await Browser.signedUp(app);
      const others: Browser[] = [];
      for (let i = 0; i < 4; i++) others.push(await first.elsewhere());
      expect((await first.me()).status).toBe(401);
      expect((await first.refresh()).status).toBe(401);
      for (const other of others) expect((await other.me()).status).toBe(200);
    });
  });

  describe('me and sessions', () => {
    test('me tells who is signed in', async () => {
      const browser = await user.elsewhere();
      const { body } = await browser.me();
      const current = (await sessionsOf(browser)).find((session) => session.current);
      expect(body).toEqual({
        id: expect.any(String),
        email: user.account.email,
        username: 'Ada.L',
        full_name: 'Ada Lovelace',
        roles: ['user'],
        email_verified: false,
        session_id: current?.id,
      });
    });

    test("the list comes in pages, newest first, without another user's", async () => {
      const browser = await Browser.signedUp(app);
      for (const device_id of ['one', 'two']) await browser.elsewhere({ device_id });
      const first = (await browser.get('/auth/sessions?limit=2')).body;
      const second = (await browser.get(`/auth/sessions?limit=2&cursor=${first.next_cursor}`)).body;
      const labels = [...first.items, ...second.items].map(
        (item: { device_id: string | null }) => item.device_id,
      );
      expect(labels).toEqual(['two', 'one', null]);
      expect(second.next_cursor).toBeNull();
    });

    test('a foreign, unknown or malformed session id is 404 and ends nothing', async () => {
      const [other, browser] = [await Browser.signedUp(app), await Browser.signedUp(app)];
      const foreign = (await sessionsOf(other))[0]?.id;
      for (const id of [foreign, '00000000-0000-4000-8000-000000000000', 'x'])
        expect((await browser.delete(`/auth/sessions/${id}`)).status).toBe(404);
      expect((await other.me()).status).toBe(200);
    });

    test('DELETE /auth/sessions ends all others', async () => {
      const browser = await Browser.signedUp(app);
      const other = await browser.elsewhere();
      expect((await browser.delete('/auth/sessions')).status).toBe(204);
      expect((await other.me()).status).toBe(401);
      expect((await browser.me()).status).toBe(200);
      expect(await sessionsOf(browser)).toHaveLength(1);
    });
  });

  describe('logout', () => {
    test('clears the cookies, ends access and refresh at once, and may be repeated', async () => {
      const browser = await Browser.signedUp(app);
      const { token } = browser;
      expect((await browser.me()).status).toBe(200);
      const first = await browser.post('/auth/logout');
      expect([...browser.jar.keys()]).toEqual(['device']);
      expect(first.body).toEqual({ status: 'logged_out' });
      expect((await browser.me({ bearer: token ?? null })).status).toBe(401);
      expect((await browser.post('/auth/logout')).status).toBe(200);
      expect((await browser.post('/auth/logout', { anonymous: true })).status).toBe(200);
    });

    test('with the bearer token alone ends that session', async () => {
      const browser = await Browser.signedUp(app);
      expect((await browser.post('/auth/logout', { cookies: {}, csrf: null })).status).toBe(200);
      expect((await browser.me()).status).toBe(401);
      expect((await browser.refresh()).status).toBe(401);
    });

    test('by cookie alone needs the CSRF header, and clears nothing without it', async () => {
      const browser = await Browser.signedUp(app);
      const response = await browser.post('/auth/logout', { bearer: null, csrf: null });
      expect(response.status).toBe(403);
      expect(response.body.code).toBe('csrf_failed');
      expect(response.headers['set-cookie']).toBeUndefined();
      expect((await browser.post('/auth/logout', { bearer: null })).status).toBe(200);
      expect((await browser.me()).status).toBe(401);
    });

    test('does not touch the cookies of another session', async () => {
      const browser = await Browser.signedUp(app);
      const other = await browser.elsewhere();
      const response = await browser.post('/auth/logout', { bearer: other.token ?? null, csrf: null });
      expect(response.status).toBe(200);
      expect(response.headers['set-cookie']).toBeUndefined();
      expect((await browser.refresh()).status).toBe(200);
      expect((await other.me()).status).toBe(401);
    });
  });

  describe('roles and state come from the database', () => {
    test('a role that is taken away in the database is gone within a second', async () => {
      // A second administrator: the database keeps the last one.
      const admin = await Browser.signedUp(app);
      const roleOf = `from users u, roles r where u.email = $1 and r.name = 'admin'`;
      await app.source.query(`insert into user_roles (user_id, role_id) select u.id, r.id ${roleOf}`, [
        admin.account.email,
      ]);
      const rolesSeen = async (): Promise<string[]> => (await admin.me()).body.roles;
      await later(1000);
      expect(await rolesSeen()).toEqual(['admin', 'user']);
      await app.source.query(
        `delete from user_roles where (user_id, role_id) in (select u.id, r.id ${roleOf})`,
        [admin.account.email],
      );
      await later(1000);
      expect(await rolesSeen()).toEqual(['user']);
    });

    test('a disabled user is out within a second, and cannot sign in or refresh', async () => {
      const browser = await Browser.signedUp(app);
      expect((await browser.me()).status).toBe(200);
      await app.source.query('update users set is_active = false where email = $1', [browser.account.email]);
      const refreshed = await browser.refresh();
      expect(refreshed.status).toBe(401);
      await later(1000);
      expect((await browser.me()).status).toBe(401);
      expect((await browser.login()).body.code).toBe('account_disabled');
      const wrong = await browser.login({ password: 'not the password at all' });
      expect(wrong.body.code).toBe('invalid_credentials');
    });

    test('what this process changes counts with the next request', async () => {
      const browser = await Browser.signedUp(app);
      const users = app.app.get(UsersService, { strict: false });
      const { id } = (await browser.me()).body;
      await users.changeRoles(id, { add: ['admin'] });
      expect((await browser.me()).body.roles).toEqual(['admin', 'user']);
      await users.changeRoles(id, { remove: ['admin'] });
      expect((await browser.me()).body.roles).toEqual(['user']);
      await users.setActive(id, false);
      expect((await browser.me()).status).toBe(401);
    });

    test('a deleted user is out within a second', async () => {
      const browser = await Browser.signedUp(app);
      await browser.me();
      await app.source.query('delete from users where email = $1', [browser.account.email]);
      await later(1000);
      expect((await browser.me()).status).toBe(401);
    });
  });

  test('sessions that ended a month ago are forgotten, others are kept', async () => {
    const [old, recent] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    const revoke = `update refresh_tokens set revoked_at = now() - make_interval(days => $2)
                    where user_id = (select id from users where email = $1)`;
    await app.source.query(revoke, [old.account.email, 31]);
    await app.source.query(revoke, [recent.account.email, 29]);
    await app.app.get(SessionCleanup, { strict: false }).run();
    const left = await app.source.query(
      'select u.email from refresh_tokens s join users u on u.id = s.user_id where u.email = any($1)',
      [[old.account.email, recent.account.email]],
    );
    expect(left).toEqual([{ email: recent.account.email }]);
  });

  test('changes to access are in the audit log', async () => {
    const browser = await Browser.signedUp(app);
    const id = (await browser.me()).body.id as string;
    await browser.post('/auth/logout');
    const rows = await app.source.query(
      'select action from audit_events where actor_id = $1 order by at, id',
      [id],
    );
    expect(rows.map((row: { action: string }) => row.action)).toEqual([
      'user.registered',
      'session.opened',
      'session.ended',
    ]);
  });
});
