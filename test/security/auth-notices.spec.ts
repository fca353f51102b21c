import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { lastMail, outbox } from '../support/mails.js';

interface Event {
  action: string;
  actor_id: string | null;
  ip: string | null;
  details: Record<string, unknown>;
}

const FIREFOX = { 'user-agent': 'Firefox', 'x-forwarded-for': '192.0.2.1' };

/** What the owner of an account should hear of is on record, in the transaction of what it tells of. */
describe('what should alarm the owner of an account', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ TRUST_PROXY: '1', PUBLIC_URL: 'http://localhost:8000' });
  });
  afterAll(() => app?.close());

  const eventsOf = (browser: Browser, ...actions: string[]): Promise<Event[]> =>
    app.source.query(
      `select action, actor_id, ip, details from audit_events where action = any($2) and
         (target_id in (select s.id::text from refresh_tokens s join users u on u.id = s.user_id where u.email = $1)
          or target_id = (select id::text from users where email = $1)) order by at, id`,
      [browser.account.email, actions],
    );

  test('another address or browser: the session goes on, and both are told', async () => {
    const browser = new Browser(app);
    await browser.register();
    await browser.post('/auth/login', { body: browser.account, headers: FIREFOX });
    expect((await browser.refresh({ headers: FIREFOX })).status).toBe(200);
    expect(await eventsOf(browser, 'session.client_changed')).toEqual([]);
    const moved = await browser.refresh({ headers: { ...FIREFOX, 'x-forwarded-for': '198.51.100.9' } });
    expect(moved.status).toBe(200);
    const other = await browser.refresh({
      headers: { 'user-agent': 'curl', 'x-forwarded-for': '198.51.100.9' },
    });
    expect(other.status).toBe(200);
    const id = (await browser.me()).body.id as string;
    expect(await eventsOf(browser, 'session.client_changed')).toEqual([
      {
        action: 'session.client_changed',
        actor_id: id,
        ip: '198.51.100.9',
        details: { previous_ip: '192.0.2.1' },
      },
      {
        action: 'session.client_changed',
        actor_id: id,
        ip: '198.51.100.9',
        details: { previous_user_agent: 'Firefox', user_agent: 'curl' },
      },
    ]);
    const [session] = (await browser.get('/auth/sessions')).body.items;
    expect(session).toMatchObject({ ip: '198.51.100.9', user_agent: 'curl' });
  });

  test('a copy that is used elsewhere raises a mail; a phone on the move and a browser that renews itself do not', async () => {
    const browser = new Browser(app);
    await browser.register();
    const from = async (ip: string, program: string): Promise<void> => {
      const moved = await browser.refresh({ headers: { 'user-agent': program, 'x-forwarded-for': ip } });
      expect(moved.status).toBe(200);
    };
    const MAIL = /goes on from somewhere else/;
    const sent = (): number =>
      outbox(app).filter((mail) => mail.to === browser.account.email && MAIL.test(mail.subject)).length;
    const headers = { 'user-agent': 'Firefox/128.0 (Linux)', 'x-forwarded-for': '192.0.2.1' };
    await browser.post('/auth/login', { body: browser.account, headers });
    await from('192.0.77.1', 'Firefox/128.0 (Linux)');
    await from('192.0.2.1', 'Firefox/129.0.1 (Linux)');
    // Another network alone.
    await from('2001:db8:1::7', 'Firefox/129.0.1 (Linux)');
    const network = await lastMail(app, browser.account.email, MAIL);
    expect(network.text).toContain('2001:db8:1::7');
    // Back and forth between networks that are known by now, and between addresses of one provider.
    await from('192.0.2.1', 'Firefox/129.0.1 (Linux)');
    await from('2001:db8:ffff::9', 'Firefox/129.0.1 (Linux)');
    await from('192.0.3.3', 'Firefox/130.0 (Linux)');
    // Another browser alone.
    await from('192.0.3.3', 'Chrome/130.0 (Linux)');
    await lastMail(app, browser.account.email, MAIL, 2);
    // Mails are sent in their order: whatever the moves between them had raised would be there.
    expect(sent()).toBe(2);
    expect(await eventsOf(browser, 'session.client_changed')).toHaveLength(7);
  });

  test('a network of another session of the account is known, until a new password ends them', async () => {
    const browser = await Browser.signedUp(app);
    const there = { 'user-agent': 'Firefox', 'x-forwarded-for': '198.18.0.1' };
    const MAIL = /goes on from somewhere else/;
    const home = { 'user-agent': 'Firefox', 'x-forwarded-for': '198.51.100.1' };
    await browser.post('/auth/login', { body: browser.account, headers: home });
    const phone = new Browser(app, browser.account);
    await phone.post('/auth/login', { body: browser.account, headers: there });
    expect((await browser.refresh({ headers: there })).status).toBe(200);
    const body = { current_password: browser.account.password, new_password: newPassword() };
    expect((await browser.post('/auth/password', { body, headers: home })).status).toBe(200);
    expect((await browser.refresh({ headers: there })).status).toBe(200);
    await lastMail(app, browser.account.email, MAIL);
    expect(
      outbox(app).filter((mail) => mail.to === browser.account.email && MAIL.test(mail.subject)),
    ).toHaveLength(1);
  });

  test('two requests at once from another address: one change, and both are answered', async () => {
    const browser = new Browser(app);
    await browser.register();
    await browser.post('/auth/login', { body: browser.account, headers: FIREFOX });
    const cookies = browser.cookies();
    const sent = { cookies, headers: { ...FIREFOX, 'x-forwarded-for': '198.51.100.10' } };
    const answers = await Promise.all(Array.from({ length: 5 }, () => browser.refresh(sent)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(200));
    expect(await eventsOf(browser, 'session.client_changed')).toHaveLength(1);
  });

  test('a sign-in from a device that was not seen before, but not the first one', async () => {
    const browser = new Browser(app);
    await browser.register();
    const login = (headers: Record<string, string>, cookies: Record<string, string>) =>
      browser.post('/auth/login', { body: browser.account, headers, cookies });
    await login(FIREFOX, {});
    await login(FIREFOX, {});
    expect(await eventsOf(browser, 'session.new_device')).toEqual([]);
    await login({ 'user-agent': 'curl', 'x-forwarded-for': '198.51.100.1' }, browser.cookies());
    expect(await eventsOf(browser, 'session.new_device')).toEqual([]);
    await login({ 'user-agent': 'wget', 'x-forwarded-for': '203.0.113.1' }, {});
    expect(await eventsOf(browser, 'session.new_device')).toMatchObject([
      { ip: '203.0.113.1', details: { user_agent: 'wget' } },
    ]);
  });

  test('a stolen refresh token, which nobody is named for', async () => {
    const browser = await Browser.signedUp(app);
    const { refresh_token = '' } = browser.cookies();
    await browser.refresh();
    await browser.refresh({ cookies: { refresh_token }, headers: { 'x-forwarded-for': '203.0.113.66' } });
    expect(await eventsOf(browser, 'session.reuse_detected')).toEqual([
      {
        action: 'session.reuse_detected',
        actor_id: null,
        ip: '203.0.113.66',
        details: { reason: 'reuse' },
      },
    ]);
  });

  test('a new password', async () => {
    const browser = await Browser.signedUp(app);
    const body = {
      current_password: browser.account.password,
      new_password: 'seven grey herons by the weir',
    };
    expect((await browser.post('/auth/password', { body })).status).toBe(200);
    expect(await eventsOf(browser, 'password.changed', 'session.all_ended')).toMatchObject([
      { action: 'session.all_ended', details: { reason: 'password_changed', sessions: 1 } },
      { action: 'password.changed' },
    ]);
  });

  test('a client has one address in the audit log, whatever the proxy adds to it', async () => {
    const browser = new Browser(app);
    await browser.register();
    const headers = { ...FIREFOX, 'x-forwarded-for': '203.0.113.5:4711' };
    await browser.post('/auth/login', { body: browser.account, headers });
    const made = await browser.post('/collections', { body: { name: 'Letters' }, headers });
    const { id } = made.body as { id: string };
    const shared = await browser.put(`/collections/${id}/grants`, {
      body: { subject: 'role:user', access: 'read' },
      headers,
    });
    expect(shared.status).toBe(200);
    const events: Event[] = await app.source.query(
      `select distinct ip from audit_events where actor_id = (select id from users where email = $1)
         and action <> 'user.registered' and (action like 'grant.%' or action like '%login%' or action like 'session.%')`,
      [browser.account.email],
    );
    expect(events.map(({ ip }) => ip)).toContain('203.0.113.5');
    expect(events.filter(({ ip }) => ip?.includes(':4711'))).toEqual([]);
  });
});

describe('changing the password', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());
  const NEXT = 'seven grey herons by the weir';

  test('ends every session, and the answer is a new one', async () => {
    const browser = await Browser.signedUp(app);
    await browser.signedIn({ device_id: 'laptop', device_name: 'My laptop' });
    const other = await browser.elsewhere();
    const before = { cookies: browser.cookies(), csrf: browser.csrf ?? null, bearer: browser.token ?? null };
    const body = { current_password: browser.account.password, new_password: NEXT };
    const changed = await browser.post('/auth/password', { body });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({ token_type: 'bearer', user: { email: browser.account.email } });
    expect((await browser.me()).status).toBe(200);
    expect((await browser.refresh()).status).toBe(200);
    for (const dead of [await other.me(), await other.refresh(), await browser.me({ bearer: before.bearer })])
      expect(dead.status).toBe(401);
    expect((await new Browser(app, browser.account).refresh(before)).status).toBe(401);
    const { items } = (await browser.get('/auth/sessions')).body;
    expect(items).toMatchObject([{ device_id: 'laptop', device_name: 'My laptop', current: true }]);
    expect((await new Browser(app, browser.account).login()).status).toBe(401);
    expect((await new Browser(app, { ...browser.account, password: NEXT }).login()).status).toBe(200);
  });

  test('needs the present password, an acceptable new one, and a page that may ask', async () => {
    const browser = await Browser.signedUp(app);
    const change = (current: string, next: string, headers = {}) =>
      browser.post('/auth/password', { body: { current_password: current, new_password: next }, headers });
    const { password, email } = browser.account;
    expect((await change('not the password', NEXT)).body.code).toBe('invalid_credentials');
    for (const [next, code] of [
      ['short', 'too_short'],
      ['1234567890qwerty', 'too_common'],
      [email, 'contains_identity'],
    ] as const) {
      const { body } = await change(password, next);
      expect(body).toMatchObject({ code: 'weak_password', errors: [{ field: 'new_password', code }] });
    }
    expect((await change(password, NEXT, { origin: 'https://evil.example' })).body.code).toBe(
      'origin_not_allowed',
    );
    const body = { current_password: password, new_password: NEXT };
    expect((await browser.post('/auth/password', { body, anonymous: true })).status).toBe(401);
    expect((await browser.me()).status).toBe(200);
  });

  test('twice at once: one of them wins', async () => {
    const browser = await Browser.signedUp(app);
    const bodies = [NEXT, 'a lantern over the quiet harbour'].map((next) => ({
      current_password: browser.account.password,
      new_password: next,
    }));
    const answers = await Promise.all(bodies.map((body) => browser.post('/auth/password', { body })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const lost = answers.find(({ status }) => status !== 200);
    expect([401, 409]).toContain(lost?.status);
    const works = await Promise.all(
      bodies.map(
        async ({ new_password: password }) =>
          (await new Browser(app, { ...browser.account, password }).login()).status,
      ),
    );
    expect(works.sort((a, b) => a - b)).toEqual([200, 401]);
  });
});
