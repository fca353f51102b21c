import fs from 'node:fs';
import type { Response } from 'supertest';
import { newDataDir, startTestApp, type TestApp } from '../support/app.js';
import { StoppedClock } from '../support/clock.js';
import { altered, Browser, newEmail } from '../support/browser.js';

const WRONG = { password: 'not the password at all' };
const FREE = 10;

/** As if so many seconds had passed for all counters. */
const pass = (app: TestApp, seconds: number): Promise<unknown> =>
  app.source.query('update rate_limits set expire = expire - $1', [seconds * 1000]);
/** What two answers have to agree in. */
function shape({ status, body, headers }: Response): unknown {
  const { request_id: _, ...problem } = body as Record<string, unknown>;
  const names = Object.keys(headers).filter((name) => !['content-length', 'date'].includes(name));
  return { status, problem, headers: names.sort() };
}

describe('guessing passwords', () => {
  let app: TestApp;
  let clock: StoppedClock;
  beforeEach(async () => {
    await app?.source.query('delete from rate_limits');
    // Nobody's wait is over because a test is slow.
    clock = new StoppedClock();
  });
  afterEach(() => clock.goOn());
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  /** A client that holds no cookie of the account. */
  const attacker = (of: Browser | { email: string }): Browser =>
    new Browser(app, { password: WRONG.password, ...('account' in of ? { email: of.account.email } : of) });
  const guess = async (browser: Browser, times: number): Promise<number[]> => {
    const statuses: number[] = [];
    for (let i = 0; i < times; i++) {
      browser.jar.clear();
      statuses.push((await browser.login()).status);
    }
    return statuses;
  };
  const waitOf = async (browser: Browser): Promise<number> => {
    browser.jar.clear();
    const response = await browser.login();
    expect(response.status).toBe(429);
    expect(response.body.code).toBe('too_many_requests');
    return Number(response.headers['retry-after']);
  };

  test('of an account: some are free, then each wait is longer, and never beyond a quarter of an hour', async () => {
    const victim = await Browser.signedUp(app);
    const evil = attacker(victim);
    expect(await guess(evil, FREE + 1)).toEqual(Array(FREE + 1).fill(401));
    let last = 0;
    for (let round = 0; round < 12; round++) {
      const wait = await waitOf(evil);
      expect(wait).toBeGreaterThanOrEqual(Math.min(900, last * 2 - 1));
      expect(wait).toBeLessThanOrEqual(900);
      last = wait;
      await pass(app, wait);
      expect(await guess(evil, 1)).toEqual([401]);
    }
    expect(last).toBeGreaterThan(890);
    // A day later everything is as before.
    await pass(app, 86_400);
    expect(await guess(evil, FREE)).toEqual(Array(FREE).fill(401));
  });

  test('while waiting, further attempts extend nothing and count for nothing', async () => {
    const victim = await Browser.signedUp(app);
    const evil = attacker(victim);
    await guess(evil, FREE + 1);
    const before = await app.source.query<{ key: string; expire: string }[]>(
      `select key, expire from rate_limits where key like 'account.%' order by key`,
    );
    const first = await waitOf(evil);
    for (let i = 0; i < 20; i++) expect(await waitOf(evil)).toBeLessThanOrEqual(first);
    const after = await app.source.query<{ key: string; expire: string }[]>(
      `select key, expire from rate_limits where key like 'account.%' order by key`,
    );
    expect(after).toEqual(before);
    await pass(app, first);
    expect(await guess(evil, 1)).toEqual([401]);
    expect(await waitOf(evil)).toBeLessThanOrEqual(2 * first + 1);
  });

  test('the owner gets in on a device of theirs while the attacker guesses, and with the right password after a wait', async () => {
    const victim = await Browser.signedUp(app);
    const evil = attacker(victim);
    await guess(evil, FREE + 1);
    expect((await victim.login()).status).toBe(200);
    // A guess on the known device is counted apart.
    expect((await victim.login(WRONG)).status).toBe(401);
    expect((await victim.login()).status).toBe(200);
    expect(await waitOf(evil)).toBeGreaterThan(0);
    // A new device has to wait like anybody, and its success does not count as a guess.
    const elsewhere = new Browser(app, victim.account);
    expect((await elsewhere.login()).status).toBe(429);
    await pass(app, 5);
    expect((await elsewhere.login()).status).toBe(200);
    expect((await new Browser(app, victim.account).login()).status).toBe(200);
  });

  test('a device that is known to another account, or only looks signed, is not the owner’s', async () => {
    const [victim, other] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    await guess(attacker(victim), FREE + 1);
    const device = other.cookies()['device'] ?? '';
    for (const value of [device, altered(victim.cookies()['device'])]) {
      const response = await victim.post('/auth/login', {
        body: victim.account,
        cookies: { device: value },
        bearer: null,
      });
      expect(response.status).toBe(429);
    }
  });

  test('a known device does not guess without end either', async () => {
    const victim = await Browser.signedUp(app);
    for (let i = 0; i <= FREE; i++) expect((await victim.login(WRONG)).status).toBe(401);
    expect((await victim.login()).status).toBe(429);
  });

  test('in parallel: no more get through than one after the other', async () => {
    const victim = await Browser.signedUp(app);
    const evil = attacker(victim);
    const answers = await Promise.all(Array.from({ length: 40 }, () => evil.login()));
    const hashed = answers.filter(({ status }) => status === 401).length;
    expect(hashed).toBe(FREE + 1);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(40 - hashed);
  });

  test('right passwords in parallel are not refused', async () => {
    const victim = await Browser.signedUp(app);
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => new Browser(app, victim.account).login()),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(40).fill(200));
  });

  test('by address, however many accounts are tried; known devices at it go on', async () => {
    const victim = await Browser.signedUp(app);
    let refused = 0;
    for (let i = 0; i < 60; i++)
      refused += Number((await attacker({ email: newEmail() }).login()).status === 429);
    expect(refused).toBeGreaterThanOrEqual(9);
    // An address that has to wait does not fill the table with ever other accounts.
    const accounts = async (): Promise<number> =>
      (await app.source.query(`select count(*)::int as n from rate_limits where key like 'account.%'`))[0].n;
    const before = await accounts();
    for (let i = 0; i < 20; i++) await attacker({ email: newEmail() }).login();
    expect((await accounts()) - before).toBeLessThanOrEqual(1);
    expect((await new Browser(app, victim.account).login()).status).toBe(429);
    expect((await victim.login()).status).toBe(200);
  });

  test('by e-mail address and by username is guessing at one account', async () => {
    const victim = await Browser.signedUp(app, { username: 'grace.h' });
    await guess(attacker(victim), FREE + 1);
    const byName = await new Browser(app).login({ email: undefined, username: 'Grace.H', ...WRONG });
    expect(byName.status).toBe(429);
  });

  test('at the change of a password counts with guesses at sign-in', async () => {
    const victim = await Browser.signedUp(app);
    const change = { current_password: WRONG.password, new_password: 'seven grey herons by the weir' };
    // A stolen access token, without the cookies.
    for (let i = 0; i <= FREE; i++)
      expect((await victim.post('/auth/password', { body: change, cookies: {} })).body.code).toBe(
        'invalid_credentials',
      );
    expect((await victim.post('/auth/password', { body: change, cookies: {} })).status).toBe(429);
    expect(await waitOf(attacker(victim))).toBeGreaterThan(0);
    expect((await victim.login()).status).toBe(200);
  });

  test('unknown, known and waiting accounts get the same answers', async () => {
    const victim = await Browser.signedUp(app);
    const [known, unknown] = [attacker(victim), attacker({ email: newEmail() })];
    for (let i = 0; i < FREE + 3; i++) {
      const [a, b] = [await known.login(), await unknown.login()];
      // The seconds to wait differ by what passed between the two.
      const normal = (response: Response): unknown =>
        JSON.parse(JSON.stringify(shape(response)).replaceAll(/Wait \d+ s/g, 'Wait'));
      expect(normal(a)).toEqual(normal(b));
    }
  });

  test('neither a right nor a wrong password is counted when there is no room to hash it', async () => {
    const victim = await Browser.signedUp(app);
    const answers = await Promise.all(
      Array.from({ length: 240 }, () => new Browser(app, victim.account).login()),
    );
    const statuses = new Set(answers.map(({ status }) => status));
    expect(statuses).toEqual(new Set([200, 503]));
    const busy = answers.find(({ status }) => status === 503);
    expect(Number(busy?.headers['retry-after'])).toBeGreaterThan(0);
    expect((await new Browser(app, victim.account).login()).status).toBe(200);
  });

  test('what was typed is neither in the table nor in the audit log', async () => {
    const victim = await Browser.signedUp(app);
    const typed = 'oops, my passphrase went here';
    await new Browser(app).login({ email: undefined, username: typed, ...WRONG });
    await attacker(victim).login();
    const rows = JSON.stringify([
      await app.source.query('select * from rate_limits'),
      await app.source.query('select action, target_id, details from audit_events'),
    ]);
    expect(rows).toContain('password.refused');
    for (const secret of [typed, WRONG.password, victim.account.email]) expect(rows).not.toContain(secret);
  });
});

test('what was counted outlives a restart', async () => {
  const dir = newDataDir();
  try {
    let app = await startTestApp({ DATA_DIR: dir });
    const victim = await Browser.signedUp(app);
    const login = (): Promise<Response> =>
      new Browser(app, { email: victim.account.email, ...WRONG }).login();
    for (let i = 0; i <= FREE; i++) expect((await login()).status).toBe(401);
    await app.source.query('update rate_limits set expire = expire + 600000');
    await app.close();
    app = await startTestApp({ DATA_DIR: dir });
    try {
      expect((await login()).status).toBe(429);
    } finally {
      await app.close();
    }
  } finally {
    fs.rmSync(dir, { recursive: true, force: true });
  }
});
