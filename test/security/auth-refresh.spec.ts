import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

interface Row {
  generation: number;
  revoked_reason: string | null;
}

const ROUNDS = 50;

describe('refresh tokens', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ REFRESH_GRACE: '20s' });
  });
  afterAll(() => app?.close());

  const rowOf = async (browser: Browser): Promise<Row> => {
    const rows = await app.source.query(
      `select generation, revoked_reason from refresh_tokens s join users u on u.id = s.user_id
       where u.email = $1 order by s.created_at`,
      [browser.account.email],
    );
    return rows[0] as Row;
  };
  /** As if the last rotation had been this long ago. */
  const age = (browser: Browser, seconds: number): Promise<unknown> =>
    app.source.query(
      `update refresh_tokens set rotated_at = rotated_at - make_interval(secs => $2)
       where user_id = (select id from users where email = $1)`,
      [browser.account.email, seconds],
    );

  test(`two tabs that refresh at once, ${ROUNDS} rounds: nobody is signed out, and both hold the same token`, async () => {
    const browser = await Browser.signedUp(app);
    for (let round = 1; round <= ROUNDS; round++) {
      const cookies = browser.cookies();
      const answers = await Promise.all([browser.refresh({ cookies }), browser.refresh({ cookies })]);
      expect(answers.map((answer) => answer.status)).toEqual([200, 200]);
      const tokens = answers.map(
        (answer) => String(answer.headers['set-cookie']).match(/refresh_token=([\w-]+)/)?.[1],
      );
      expect(tokens[0]).toBe(tokens[1]);
      expect(tokens[0]).not.toBe(cookies['refresh_token']);
      expect(await rowOf(browser)).toEqual({ generation: round, revoked_reason: null });
      for (const answer of answers)
        expect((await browser.me({ bearer: answer.body.access_token })).status).toBe(200);
    }
  });

  test('a refresh that races with logout leaves nothing that works', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const browser = await Browser.signedUp(app);
      const cookies = browser.cookies();
      const { csrf = null } = browser;
      const [refreshed, loggedOut] = await Promise.all([
        browser.refresh({ cookies, csrf }),
        browser.post('/auth/logout', { cookies, csrf, bearer: null }),
      ]);
      expect(loggedOut.status).toBe(200);
      expect([200, 401]).toContain(refreshed.status);
      if (refreshed.status === 200) {
        expect((await browser.me({ bearer: refreshed.body.access_token })).status).toBe(401);
        const token = String(refreshed.headers['set-cookie']).match(/refresh_token=([\w-]+)/)?.[1] ?? '';
        expect((await browser.refresh({ cookies: { ...cookies, refresh_token: token }, csrf })).status).toBe(
          401,
        );
      }
      expect(await rowOf(browser)).toMatchObject({ revoked_reason: 'logout' });
    }
  });

  test('the token just replaced, from another device, ends the session at once', async () => {
    const browser = await Browser.signedUp(app);
    const stolen = browser.cookies()['refresh_token'] ?? '';
    await browser.refresh();
    const thief = await browser.refresh({ cookies: { refresh_token: stolen } });
    expect(thief.status).toBe(401);
    expect(thief.headers['set-cookie']).toBeUndefined();
    expect((await rowOf(browser)).revoked_reason).toBe('reuse');
    expect((await browser.me()).status).toBe(401);
    expect((await browser.refresh()).status).toBe(401);
  });

  test('a lost answer: the same device gets the same token again, long after the grace', async () => {
    const browser = await Browser.signedUp(app);
    const cookies = browser.cookies();
    await browser.refresh();
    const lost = browser.cookies()['refresh_token'];
    await age(browser, 3600);
    const again = await browser.refresh({ cookies });
    expect(again.status).toBe(200);
    expect(browser.cookies()['refresh_token']).toBe(lost);
  });

  test.each([
    ['the access token', (browser: Browser) => browser.me()],
    ['the refresh token', (browser: Browser) => browser.refresh()],
  ])('after the grace, when %s of the successor was used, the old one is a stolen copy', async (_, use) => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    const cookies = browser.cookies();
    await browser.refresh();
    expect((await use(browser)).status).toBe(200);
    await age(browser, 21);
    expect((await browser.refresh({ cookies })).status).toBe(401);
    expect((await rowOf(browser)).revoked_reason).toBe('reuse');
    expect((await browser.me()).status).toBe(401);
    // The user's other devices are not touched.
    expect((await other.me()).status).toBe(200);
    const [event] = await app.source.query(
      `select details from audit_events where action = 'session.reuse_detected' order by at desc limit 1`,
    );
    expect(event.details).toEqual({ reason: 'reuse' });
  });

  test('forged and mangled tokens change nothing and clear no cookie', async () => {
    const browser = await Browser.signedUp(app);
    const real = browser.cookies()['refresh_token'] ?? '';
    const bytes = Buffer.from(real, 'base64url');
    const flipped = (at: number): string => {
      const copy = Buffer.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ 1;
      return copy.toString('base64url');
    };
    const forged = [
      flipped(0),
      flipped(19),
      flipped(30),
      flipped(60),
      real.slice(0, -1),
      `${real}A`,
      'j:{"a":1}',
      'x',
    ];
    for (const value of forged) {
      const response = await browser.refresh({ cookies: { ...browser.cookies(), refresh_token: value } });
      expect(response.status).toBe(401);
      expect(response.body.code).toBe('invalid_refresh_token');
      expect(response.headers['set-cookie']).toBeUndefined();
    }
    expect(await rowOf(browser)).toEqual({ generation: 0, revoked_reason: null });
    expect((await browser.refresh()).status).toBe(200);
  });

  test('a refresh token that occurs twice is refused: one of them was planted', async () => {
    const [browser, attacker] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    const line = `refresh_token=${attacker.cookies()['refresh_token']}; refresh_token=${browser.cookies()['refresh_token']}`;
    const response = await browser.refresh({ cookies: {}, headers: { cookie: line } });
    expect(response.status).toBe(401);
    expect((await rowOf(browser)).generation).toBe(0);
  });

  test("without the CSRF header, with another session's, or with the cookie alone: 403, and nothing rotates", async () => {
    const [browser, other] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    for (const csrf of [null, other.csrf ?? null, 'x', browser.cookies()['refresh_token'] ?? null]) {
      const response = await browser.refresh({ csrf });
      expect(response.status).toBe(403);
      expect(response.body.code).toBe('csrf_failed');
    }
    expect((await rowOf(browser)).generation).toBe(0);
    expect((await browser.refresh()).body.csrf_token).toBe(browser.csrf);
  });

  test('an idle or over-aged session cannot be refreshed, and its access token is dead', async () => {
    for (const column of ['expires_at', 'absolute_expires_at, expires_at']) {
      const browser = await Browser.signedUp(app);
      const set = column.split(', ').map((name) => `${name} = now() - interval '1 second'`);
      await app.source.query(
        `update refresh_tokens set ${set.join(', ')} where user_id = (select id from users where email = $1)`,
        [browser.account.email],
      );
      expect((await browser.refresh()).status).toBe(401);
      expect((await browser.me()).status).toBe(401);
    }
  });

  test('refreshing never outlives the absolute age', async () => {
    const browser = await Browser.signedUp(app);
    const end = `update refresh_tokens set absolute_expires_at = now() + interval '1 hour' where user_id = (select id from users where email = $1)`;
    await app.source.query(end, [browser.account.email]);
    await browser.refresh();
    const maxAge = Number(browser.jar.get('refresh_token')?.attributes['max-age']);
    expect(maxAge).toBeGreaterThan(3500);
    expect(maxAge).toBeLessThanOrEqual(3600);
  });
});
