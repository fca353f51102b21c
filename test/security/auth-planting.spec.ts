import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** A sibling domain, or a page over plain HTTP, can plant cookies; it can neither read ours nor choose their values. */
describe('planted cookies', () => {
  let app: TestApp;
  let victim: Browser;
  let attacker: Browser;
  beforeAll(async () => {
    app = await startTestApp({ ALLOWED_HOSTS: 'app.local' });
  });
  afterAll(() => app?.close());
  beforeEach(async () => {
    [victim, attacker] = [await Browser.signedUp(app), await Browser.signedUp(app)];
  });

  const line = (...pairs: [string, string | undefined][]): { cookie: string } => ({
    cookie: pairs.map(([name, value]) => `${name}=${value}`).join('; '),
  });
  const alive = async (browser: Browser): Promise<number> => (await browser.me()).status;
  const reasonOf = async (browser: Browser): Promise<string | null> =>
    (
      await app.source.query(
        `select revoked_reason from refresh_tokens s join users u on u.id = s.user_id where u.email = $1`,
        [browser.account.email],
      )
    )[0].revoked_reason;

  test.each([
    ['in front of', (own: Record<string, string>, planted: Record<string, string>) => [planted, own]],
    ['behind', (own: Record<string, string>, planted: Record<string, string>) => [own, planted]],
  ])('a second cookie of a name %s the own one: refused, and nothing changes', async (_, order) => {
    const [own, planted] = [victim.cookies(), attacker.cookies()];
    for (const name of ['refresh_token', 'device', 'csrf_token']) {
      const pairs = order(own, planted).map((jar): [string, string | undefined] => [name, jar[name]]);
      const others = Object.entries(own).filter(([other]) => other !== name);
      const headers = line(...others, ...pairs);
      const refreshed = await victim.refresh({ cookies: {}, headers });
      expect([name, refreshed.status]).toEqual([name, 401]);
      expect(refreshed.headers['set-cookie']).toBeUndefined();
    }
    expect(await reasonOf(victim)).toBeNull();
    expect((await victim.refresh()).status).toBe(200);
  });

  test('a logout with a doubled cookie says that it ended nothing; the access token says what is meant', async () => {
    const [own, planted] = [victim.cookies(), attacker.cookies()];
    for (const name of ['refresh_token', 'device', 'csrf_token']) {
      const others = Object.entries(own).filter(([other]) => other !== name);
      const headers = line(...others, [name, planted[name]], [name, own[name]]);
      const response = await victim.post('/auth/logout', { cookies: {}, headers, bearer: null });
      expect([name, response.status, response.body.code]).toEqual([name, 401, 'invalid_refresh_token']);
      expect(response.headers['set-cookie']).toBeUndefined();
      expect([await alive(victim), await alive(attacker)]).toEqual([200, 200]);
    }
    const headers = line(
      ...Object.entries(own),
      ['refresh_token', planted['refresh_token']],
      ['device', planted['device']],
    );
    const response = await victim.post('/auth/logout', { cookies: {}, headers });
    expect([response.status, response.body]).toEqual([200, { status: 'logged_out' }]);
    expect([await alive(victim), await alive(attacker)]).toEqual([401, 200]);
  });

  test('a planted device cookie does not make a lost race look like theft', async () => {
    const before = victim.cookies();
    expect((await victim.refresh()).status).toBe(200);
    const { device, ...rest } = before;
    const headers = line(
      ...Object.entries(rest),
      ['device', attacker.cookies()['device']],
      ['device', device],
    );
    expect((await victim.refresh({ cookies: {}, headers })).status).toBe(401);
    expect(await reasonOf(victim)).toBeNull();
    expect((await victim.refresh({ cookies: before })).status).toBe(200);
  });

  test("with the attacker's whole session, the victim's page cannot act in it: the CSRF value is another", async () => {
    const response = await victim.refresh({ cookies: attacker.cookies(), csrf: victim.csrf ?? null });
    expect(response.body.code).toBe('csrf_failed');
    const logout = await victim.post('/auth/logout', {
      cookies: attacker.cookies(),
      csrf: victim.csrf ?? null,
      bearer: null,
    });
    expect(logout.body.code).toBe('csrf_failed');
    expect(await alive(attacker)).toBe(200);
  });

  test.each([
    'j:{"a":1}',
    'j:["x"]',
    's:value.signature',
    '%6a%3a1',
    '"quoted"',
    '__proto__',
    'a'.repeat(3000),
  ])('the value %s is none of ours, in any of the cookies', async (value) => {
    const own = victim.cookies();
    for (const name of ['refresh_token', 'device', 'csrf_token']) {
      const headers = line(...Object.entries({ ...own, [name]: value }));
      const response = await victim.refresh({ cookies: {}, headers });
      // The device and the readable value are not what proves the session.
      expect([name, response.status]).toEqual([name, name === 'refresh_token' ? 401 : 200]);
      own['refresh_token'] = victim.cookies()['refresh_token'] ?? '';
    }
    expect(await alive(victim)).toBe(200);
  });

  test('a device of the attacker, planted before the first sign-in, does not become one of the victim', async () => {
    const device = attacker.cookies()['device'] ?? '';
    const response = await victim.post('/auth/login', { body: victim.account, cookies: { device } });
    expect(response.status).toBe(200);
    expect(victim.cookies()['device']).not.toBe(device);
    // One that is known stays.
    const own = victim.cookies()['device'];
    await victim.login();
    expect(victim.cookies()['device']).toBe(own);
  });

  test('a device whose token was stolen gets another id at the next sign-in', async () => {
    const { device, refresh_token = '' } = victim.cookies();
    await victim.refresh();
    await victim.refresh({ cookies: { refresh_token } });
    expect(await reasonOf(victim)).toBe('reuse');
    await victim.login();
    expect(victim.cookies()['device']).not.toBe(device);
  });

  test('signing in with a planted session or device starts new ones', async () => {
    const { refresh_token } = attacker.cookies();
    const headers = line(
      ['refresh_token', refresh_token],
      ['device', attacker.cookies()['device']],
      ['device', attacker.cookies()['device']],
    );
    const response = await victim.post('/auth/login', { body: victim.account, cookies: {}, headers });
    expect(response.status).toBe(200);
    expect(victim.cookies()['refresh_token']).not.toBe(refresh_token);
    expect(victim.cookies()['device']).not.toBe(attacker.cookies()['device']);
    expect((await victim.me()).body.email).toBe(victim.account.email);
  });
});

describe('what a foreign page can send without asking', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  test.each([
    ['text/plain', '{"email":"a@example.com","password":"p"}'],
    ['application/x-www-form-urlencoded', 'email=a@example.com&password=p'],
    [
      'multipart/form-data; boundary=b',
      '--b\r\nContent-Disposition: form-data; name="email"\r\n\r\na\r\n--b--\r\n',
    ],
    ['application/xml', '<a/>'],
    ['application/json-patch+json', '[]'],
    ['text/json', '{}'],
    ['application/jsonx', '{}'],
  ])('a body of type %s is 415 on every route that takes JSON', async (type, body) => {
    const user = await Browser.signedUp(app);
    const paths = (await app.http().get('/openapi.json')).body.paths as Record<
      string,
      Record<string, { requestBody?: { content: Record<string, unknown> } }>
    >;
    let asked = 0;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, { requestBody }] of Object.entries(methods)) {
        if (!requestBody?.content['application/json']) continue;
        asked++;
        const filled = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
        const request = app.http()[method as 'post'](filled).set('Authorization', `Bearer ${user.token}`);
        const { status } = await request.set('Content-Type', type).send(body);
        // A route that is not for this user says so first.
        expect([path, [403, 415].includes(status)]).toEqual([path, true]);
        if (path.startsWith('/auth/')) expect([path, status]).toEqual([path, 415]);
      }
    expect(asked).toBeGreaterThan(10);
  });
});
