import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { lastMail, tokenIn } from '../support/mails.js';

const URL_WITH_SECRET = 'https://hooks.example.com/services/T0-secret-path?key=hidden';

interface Event {
  action: string;
  target_id: string;
  ip: string | null;
  details: Record<string, unknown>;
}

/** A webhook sends documents on for as long as it is there: what a thief of a session must not be able to leave. */
describe('webhooks and who may leave them behind', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ RECENT_SIGN_IN: '10m' });
  });
  afterAll(() => app?.close());

  const create = async (browser: Browser, body: object = {}): Promise<{ id: string; secret: string }> => {
    const made = await browser.post('/webhooks', { body: { url: URL_WITH_SECRET, ...body } });
    expect(made.status).toBe(201);
    return made.body as { id: string; secret: string };
  };
  const endpoints = async (id: string): Promise<number> =>
    (await app.source.query<unknown[]>('select 1 from webhook_endpoints where id = $1', [id])).length;

  test('making and changing one needs a recent sign-in; looking at it and removing it do not', async () => {
    const browser = await Browser.signedUp(app);
    const { id } = await create(browser);
    await app.source.query(`update refresh_tokens set authenticated_at = now() - interval '11 minutes'`);
    // Longer than what is known of a session is kept.
    await new Promise((done) => setTimeout(done, 1100));
    for (const answer of [
      await browser.post('/webhooks', { body: { url: URL_WITH_SECRET } }),
      await browser.patch(`/webhooks/${id}`, { body: { url: 'https://thief.example.com/' } }),
      await browser.post(`/webhooks/${id}/rotate`, {}),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'recent_sign_in_required']);
    expect((await browser.get(`/webhooks/${id}`)).body.url).toBe(URL_WITH_SECRET);
    expect((await browser.delete(`/webhooks/${id}`)).status).toBe(204);
    expect(await endpoints(id)).toBe(0);
  });

  test('each change is on record with the host and without the rest of the address', async () => {
    const browser = await Browser.signedUp(app);
    const { id, secret } = await create(browser);
    await browser.patch(`/webhooks/${id}`, { body: { url: 'https://other.example.com/x', enabled: false } });
    const rotated = await browser.post(`/webhooks/${id}/rotate`, {});
    expect(rotated.status).toBe(200);
    await browser.delete(`/webhooks/${id}`);
    const events = await app.source.query<Event[]>(
      `select action, target_id, ip, details from audit_events where target_type = 'webhook' and target_id = $1
       order by at, id`,
      [id],
    );
    expect(events).toMatchObject([
      { action: 'webhook.created', details: { host: 'hooks.example.com', enabled: true } },
      { action: 'webhook.changed', details: { host: 'other.example.com', changed: ['url', 'enabled'] } },
      { action: 'webhook.secret_rotated' },
      { action: 'webhook.removed', details: { host: 'other.example.com' } },
    ]);
    expect(events.every(({ ip }) => ip !== null)).toBe(true);
    const text = JSON.stringify(events);
    for (const hidden of ['secret-path', 'hidden', secret, rotated.body.secret as string])
      expect(text).not.toContain(hidden);
  });

  test('what cannot be recorded does not happen', async () => {
    const browser = await Browser.signedUp(app);
    const { id } = await create(browser);
    await app.source.query(
      `alter table audit_events add constraint no_webhooks check (action not like 'webhook.%') not valid`,
    );
    try {
      for (const answer of [
        await browser.post('/webhooks', { body: { url: URL_WITH_SECRET } }),
        await browser.patch(`/webhooks/${id}`, { body: { url: 'https://thief.example.com/' } }),
        await browser.delete(`/webhooks/${id}`),
      ])
        expect(answer.status).toBe(500);
      const { items } = (await browser.get('/webhooks')).body;
      expect(items).toMatchObject([{ id, url: URL_WITH_SECRET }]);
    } finally {
      await app.source.query('alter table audit_events drop constraint no_webhooks');
    }
  });

  const tokenFor = async (email: string): Promise<string> => {
    await app.http().post('/auth/password/forgot').send({ email });
    return tokenIn(await lastMail(app, email, /Choose a new password/));
  };
  const reset = (token: string, password: string) =>
    app.http().post('/auth/password/reset').send({ token, new_password: password });

  test('the owner of an address who claims the account finds none of a stranger', async () => {
    const stranger = await Browser.signedUp(app);
    const { id } = await create(stranger);
    const { email } = stranger.account;
    const password = newPassword();
    expect((await reset(await tokenFor(email), password)).status).toBe(200);
    expect(await endpoints(id)).toBe(0);
    const owner = await new Browser(app, { email, password }).signedIn();
    expect((await owner.get('/webhooks')).body.items).toEqual([]);
    const [claimed] = await app.source.query<Event[]>(
      `select details from audit_events where action = 'user.claimed' and target_id = $1`,
      [(await owner.me()).body.id],
    );
    expect(claimed?.details).toMatchObject({ webhooks: 1 });
    expect((await lastMail(app, email, /password was changed/)).text).not.toContain('goes on');
  });

  test('none that is being made outlives a claim; nor does an API key', async () => {
    for (let round = 0; round < 10; round++) {
      const stranger = await Browser.signedUp(app);
      const { id } = (await stranger.me()).body as { id: string };
      const token = await tokenFor(stranger.account.email);
      const claim = reset(token, newPassword());
      await Promise.all([
        claim,
        ...Array.from({ length: 6 }, async (_, n) => {
          await new Promise((done) => setTimeout(done, n * 20));
          await stranger.post('/webhooks', { body: { url: URL_WITH_SECRET } });
          await stranger.post('/auth/api-keys', { body: { name: 'k', scopes: ['documents:read'] } });
        }),
      ]);
      expect((await claim).status).toBe(200);
      const left = await app.source.query<unknown[]>(
        `select id from webhook_endpoints where owner_id = $1 union all select id from api_keys where user_id = $1`,
        [id],
      );
      expect(left).toEqual([]);
    }
  });

  test('a new password leaves them, and the mail says so', async () => {
    const browser = await Browser.signedUp(app);
    await create(browser);
    await create(browser, { description: 'reset-your-password.example' });
    await browser.post('/auth/api-keys', { body: { name: 'k', scopes: ['documents:read'] } });
    const body = { current_password: browser.account.password, new_password: newPassword() };
    expect((await browser.post('/auth/password', { body })).status).toBe(200);
    const mail = await lastMail(app, browser.account.email, /password was changed/);
    const text = mail.text.replaceAll(/\s+/g, ' ');
    expect(text).toContain('1 API key, 2 webhooks that tell of your documents.');
    expect(text).not.toContain('example.com');
    expect(text).not.toContain('reset-your-password');
    expect((await browser.get('/webhooks')).body.items).toHaveLength(2);
  });
});
