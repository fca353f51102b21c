import type { Response } from 'supertest';
import { UserChanges } from '../../src/users/user-changes.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail, setCookies } from '../support/browser.js';

const ROUNDS = 50;

/** Whatever a request that ran at the same time was given must be worth nothing once the other was answered. */
describe('races with refresh', () => {
  let app: TestApp;
  let users: UsersService;
  beforeAll(async () => {
    app = await startTestApp();
    users = app.app.get(UsersService, { strict: false });
  });
  afterAll(() => app?.close());

  const idOf = async (browser: Browser): Promise<string> => (await browser.me()).body.id as string;

  /** That neither token of an answer works, nor those from before. */
  async function expectDead(
    browser: Browser,
    before: { cookies: Record<string, string>; csrf: string | null; bearer: string | null },
    refreshed: Response,
  ): Promise<void> {
    expect([200, 401]).toContain(refreshed.status);
    expect(refreshed.status === 401 && refreshed.headers['set-cookie']).toBeFalsy();
    const given = setCookies(refreshed).get('refresh_token')?.value;
    const bearers = [before.bearer, (refreshed.body as { access_token?: string }).access_token];
    for (const bearer of bearers.filter((token) => token != null))
      expect((await browser.me({ bearer, cookies: {} })).status).toBe(401);
    for (const token of [before.cookies['refresh_token'], given].filter((value) => value !== undefined)) {
      const cookies = { ...before.cookies, refresh_token: token };
      expect((await browser.refresh({ cookies, csrf: before.csrf })).status).toBe(401);
    }
  }
  const heldBy = (browser: Browser): Parameters<typeof expectDead>[1] => ({
    cookies: browser.cookies(),
    csrf: browser.csrf ?? null,
    bearer: browser.token ?? null,
  });

  test(`logout, ${ROUNDS} rounds`, async () => {
    const browser = await Browser.signedUp(app);
    for (let round = 0; round < ROUNDS; round++) {
      await browser.signedIn();
      const held = heldBy(browser);
      const [refreshed, ended] = await Promise.all([
        browser.refresh(held),
        browser.post('/auth/logout', { ...held, bearer: null }),
      ]);
      expect(ended.status).toBe(200);
      await expectDead(browser, held, refreshed);
    }
  });

  test(`disabling the user, ${ROUNDS} rounds, and enabling brings nothing back`, async () => {
    const browser = await Browser.signedUp(app);
    const id = await idOf(browser);
    for (let round = 0; round < ROUNDS; round++) {
      await browser.signedIn();
      const held = heldBy(browser);
      const [refreshed] = await Promise.all([browser.refresh(held), users.setActive(id, false)]);
      await expectDead(browser, held, refreshed);
      await users.setActive(id, true);
      await expectDead(browser, held, refreshed);
    }
  });

  test(`a change of the password, ${ROUNDS} rounds; whoever changed it goes on`, async () => {
    const browser = await Browser.signedUp(app);
    for (let round = 0; round < ROUNDS; round++) {
      const [held, previous] = [heldBy(browser), browser.account.password];
      const next = `${previous.slice(0, 24)} ${round}`;
      const body = { current_password: previous, new_password: next };
      const refresh = new Browser(app, browser.account).refresh(held);
      const [refreshed, changed] = await Promise.all([
        refresh,
        browser.post('/auth/password', { ...held, body }),
      ]);
      expect(changed.status).toBe(200);
      await expectDead(new Browser(app, browser.account), held, refreshed);
      expect((await browser.me()).status).toBe(200);
      browser.account.password = next;
    }
    expect((await browser.refresh()).status).toBe(200);
  });

  test(`ending the session from elsewhere, ${ROUNDS} rounds`, async () => {
    const owner = await Browser.signedUp(app);
    const browser = await owner.elsewhere();
    for (let round = 0; round < ROUNDS; round++) {
      await browser.signedIn();
      const held = heldBy(browser);
      const [refreshed, ended] = await Promise.all([browser.refresh(held), owner.delete('/auth/sessions')]);
      expect(ended.status).toBe(204);
      await expectDead(browser, held, refreshed);
    }
  });

  test(`deleting the user, ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const browser = await Browser.signedUp(app);
      const id = await idOf(browser);
      const held = heldBy(browser);
      const [refreshed] = await Promise.all([
        browser.refresh(held),
        app.source.query('delete from users where id = $1', [id]),
      ]);
      app.app.get(UserChanges, { strict: false }).announce(id);
      await expectDead(browser, held, refreshed);
    }
  });

  test(`signing in while the user is disabled, ${ROUNDS} rounds`, async () => {
    const browser = await Browser.signedUp(app);
    const id = await idOf(browser);
    for (let round = 0; round < ROUNDS; round++) {
      const [login] = await Promise.all([browser.login(), users.setActive(id, false)]);
      expect([200, 403]).toContain(login.status);
      if (login.status === 200) {
        const { access_token: bearer } = login.body as { access_token: string };
        expect((await browser.me({ bearer })).status).toBe(401);
        await users.setActive(id, true);
        expect((await browser.me({ bearer })).status).toBe(401);
      }
      await users.setActive(id, true);
    }
  });

  test('of ten in parallel, all are told the same, and one generation lives', async () => {
    const browser = await Browser.signedUp(app);
    for (let round = 0; round < ROUNDS; round++) {
      const held = heldBy(browser);
      const answers = await Promise.all(Array.from({ length: 10 }, () => browser.refresh(held)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(answers.map((answer) => setCookies(answer).get('refresh_token')?.value)).size).toBe(1);
      const [row] = await app.source.query(
        'select generation from refresh_tokens s join users u on u.id = s.user_id where u.email = $1',
        [browser.account.email],
      );
      expect(row.generation).toBe(round + 1);
    }
  });
});

describe('races of accounts', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ MAX_SESSIONS: '3' });
  });
  afterAll(() => app?.close());

  test(`registering one address in parallel, ${ROUNDS} rounds: one account each`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const email = newEmail();
      const answers = await Promise.all(
        [email, email.toUpperCase(), ` ${email} `].map((address) =>
          new Browser(app).register({ email: address }),
        ),
      );
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 409)).toHaveLength(2);
    }
    const [row] = await app.source.query(
      `select count(*)::int as users, (select count(*)::int from collections where is_personal) as collections from users`,
    );
    expect(row).toEqual({ users: ROUNDS + 1, collections: ROUNDS + 1 });
  });

  test('more sign-ins at once than sessions are allowed: the limit holds, and each last one works', async () => {
    const browser = await Browser.signedUp(app);
    for (let round = 0; round < 10; round++) {
      const others = Array.from({ length: 5 }, () => new Browser(app, browser.account));
      await Promise.all(others.map((other) => other.signedIn()));
      const alive = await Promise.all(others.map(async (other) => (await other.me()).status === 200));
      expect(alive.filter(Boolean)).toHaveLength(3);
      const [row] = await app.source.query(
        `select count(*)::int as n from refresh_tokens s join users u on u.id = s.user_id
         where u.email = $1 and s.revoked_at is null`,
        [browser.account.email],
      );
      expect(row.n).toBe(3);
    }
    const ended = await app.source.query(
      `select count(*)::int as n from audit_events where action = 'session.ended' and details->>'reason' = 'max_sessions'`,
    );
    expect(ended[0].n).toBeGreaterThan(40);
  });
});
