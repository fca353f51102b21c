import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { generateSync } from 'otplib';
import type { Response } from 'supertest';
import { SessionTokens } from '../../src/auth/sessions/session-tokens.service.js';
import { UsersService } from '../../src/users/users.service.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { StoppedClock } from '../support/clock.js';
import { lastMail, tokenIn } from '../support/mails.js';
import { ask, fill, routesOf } from './routes.js';

const PERIOD = 30;
/**
 * Codes are single use and a step lasts half a minute: tests take the neighbours of the present one in turn. The clock
 * stands still, for a code of the step before is none any more as soon as the next one begins.
 */
let clock: StoppedClock;
beforeEach(() => {
  clock = new StoppedClock();
});
afterEach(() => clock.goOn());

const codeAt = (secret: string, offset = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + offset * PERIOD });

describe('the second factor', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  interface Enrolled {
    browser: Browser;
    secret: string;
    recovery: string[];
  }
  /** With an address that was confirmed: before, a new password by mail takes the factor along. */
  const enrolled = async (): Promise<Enrolled> => {
    const browser = await (await Browser.signedUp(app)).proven();
    const offer = await browser.post('/auth/mfa/totp');
    expect(offer.status).toBe(201);
    const { secret } = offer.body as { secret: string };
    const confirmed = await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret, -1) } });
    expect(confirmed.status).toBe(200);
    return { browser, secret, recovery: confirmed.body.recovery_codes as string[] };
  };
  const firstStep = async (browser: Browser): Promise<string> => {
    const answer = await browser.login();
    expect([answer.status, answer.body.mfa_required]).toEqual([200, true]);
    return answer.body.mfa_token as string;
  };
  const secondStep = (browser: Browser, body: object): Promise<Response> =>
    browser.post('/auth/login/mfa', { body, bearer: null });
  /** As if the factor had not been used for a while. */
  const rested = (): Promise<unknown> => app.source.query('update second_factors set last_step = 0');
  const unthrottled = (): Promise<unknown> => app.source.query('delete from rate_limits');

  test('signing in takes two steps; the first one gives nothing that works', async () => {
    const { browser, secret } = await enrolled();
    const other = new Browser(app, browser.account);
    const answer = await other.login({ device_name: 'my phone' });
    expect(answer.body).toEqual({
      mfa_required: true,
      mfa_token: expect.any(String),
      expires_in: 300,
    });
    expect(answer.headers['set-cookie']).toBeUndefined();
    const token = answer.body.mfa_token as string;
    expect((await other.me({ bearer: token })).status).toBe(401);
    expect((await secondStep(other, { mfa_token: token, code: '000000' })).body.code).toBe('invalid_code');
    expect((await secondStep(other, { mfa_token: token, code: codeAt(secret) })).status).toBe(200);
    expect((await other.me()).body.email).toBe(browser.account.email);
    const sessions = (await other.get('/auth/sessions')).body.items as { device_name: string }[];
    expect(sessions.map(({ device_name }) => device_name)).toContain('my phone');
    expect((await browser.get('/auth/mfa')).body).toMatchObject({ enabled: true, recovery_codes_left: 10 });
    await lastMail(app, browser.account.email, /second factor was set up/);
  });

  test('nothing of it is readable in the database', async () => {
    const { secret, recovery } = await enrolled();
    for (const table of ['second_factors', 'recovery_codes', 'audit_events', 'outgoing_mails']) {
      const rows = JSON.stringify(
        await app.source.query(`select row_to_json(t)::text as row from ${table} t`),
      );
      for (const text of [secret, ...recovery]) expect(rows).not.toContain(text);
      expect(rows).not.toContain(Buffer.from(secret).toString('hex'));
    }
  });

  test('a code works once, also in parallel, and no older one after it', async () => {
    const { browser, secret } = await enrolled();
    for (let round = 0; round < 10; round++) {
      await rested();
      await unthrottled();
      const tokens = [await firstStep(browser), await firstStep(browser)];
      const code = codeAt(secret);
      const answers = await Promise.all(
        tokens.map((token) => secondStep(browser, { mfa_token: token, code })),
      );
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401]);
      const mfa_token = await firstStep(browser);
      expect((await secondStep(browser, { mfa_token, code: codeAt(secret, -1) })).body.code).toBe(
        'invalid_code',
      );
    }
  });

  test('a recovery code works once, also in parallel, and its use is told', async () => {
    const { browser, recovery } = await enrolled();
    for (const code of recovery.slice(0, 5)) {
      await unthrottled();
      const tokens = [await firstStep(browser), await firstStep(browser)];
      const typed = code.toUpperCase().replaceAll('-', ' ');
      const answers = await Promise.all(
        tokens.map((mfa_token) => secondStep(browser, { mfa_token, recovery_code: typed })),
      );
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401]);
    }
    expect((await browser.get('/auth/mfa')).body.recovery_codes_left).toBe(5);
    await lastMail(app, browser.account.email, /recovery code was used/);
    const renewed = await browser.post('/auth/mfa/recovery-codes');
    expect(renewed.body.recovery_codes.length).toBe(10);
    const mfa_token = await firstStep(browser);
    expect((await secondStep(browser, { mfa_token, recovery_code: recovery[6] })).body.code).toBe(
      'invalid_code',
    );
  });

  test('guesses are counted together, whatever the device, and waited for', async () => {
    const { browser } = await enrolled();
    const statuses = new Set<number>();
    for (let n = 0; n < 14; n++) {
      const stranger = new Browser(app, browser.account);
      const mfa_token = await firstStep(stranger);
      const answer = await secondStep(stranger, { mfa_token, code: String(n).padStart(6, '0') });
      statuses.add(answer.status);
      if (answer.status === 429) expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    }
    expect([...statuses].sort((a, b) => a - b)).toEqual([401, 429]);
    await unthrottled();
  });

  test('a new password by mail does not get around it, nor does one chosen at a device', async () => {
    const { browser, secret } = await enrolled();
    const before = await firstStep(browser);
    await app.http().post('/auth/password/forgot').send({ email: browser.account.email });
    const token = tokenIn(await lastMail(app, browser.account.email, /Choose a new password/));
    const password = newPassword();
    const reset = await app.http().post('/auth/password/reset').send({ token, new_password: password });
    expect(reset.status).toBe(200);
    expect(reset.headers['set-cookie']).toBeUndefined();
    await rested();
    // The first step was made with the password before.
    expect((await secondStep(browser, { mfa_token: before, code: codeAt(secret) })).body.code).toBe(
      'invalid_mfa_token',
    );
    const again = new Browser(app, { ...browser.account, password });
    const mfa_token = await firstStep(again);
    expect((await again.me()).status).toBe(401);
    expect((await again.refresh()).status).toBe(401);
    expect((await secondStep(again, { mfa_token, code: codeAt(secret) })).status).toBe(200);
  });

  test('the token of the first step is for one account, one password, five minutes, and nothing else', async () => {
    const [{ browser, secret }, other] = [await enrolled(), await enrolled()];
    const mfa_token = await firstStep(other.browser);
    expect((await secondStep(browser, { mfa_token, code: codeAt(secret) })).body.code).toBe('invalid_code');
    for (const forged of ['x', mfa_token.slice(0, -2), `${mfa_token}AA`, browser.token ?? ''])
      expect((await secondStep(browser, { mfa_token: forged, code: codeAt(secret) })).body.code).toBe(
        'invalid_mfa_token',
      );
    expect((await secondStep(browser, { mfa_token })).body.code).toBe('validation_failed');
    const both = { mfa_token, code: '123456', recovery_code: 'x' };
    expect((await secondStep(browser, both)).body.code).toBe('validation_failed');
    await app.source.query('update users set is_active = false where email = $1', [
      other.browser.account.email,
    ]);
    expect((await secondStep(browser, { mfa_token, code: codeAt(other.secret) })).body.code).toBe(
      'invalid_mfa_token',
    );
  });

  test('it allows shorter passwords, and goes only when the password can stand alone', async () => {
    const { browser } = await enrolled();
    const change = async (next: string): Promise<Response> => {
      const answer = await browser.post('/auth/password', {
        body: { current_password: browser.account.password, new_password: next },
      });
      if (answer.status === 200) browser.account.password = next;
      return answer;
    };
    const short = 'wq8-Zt4m';
    expect((await change('wq8-Zt4')).body.code).toBe('weak_password');
    expect((await change(short)).status).toBe(200);
    const remove = (password: string): Promise<Response> =>
      browser.post('/auth/mfa/totp/remove', { body: { password } });
    expect((await remove(newPassword())).body.code).toBe('invalid_credentials');
    expect((await remove(short)).body.code).toBe('weak_password');
    expect((await browser.get('/auth/mfa')).body.enabled).toBe(true);
    expect((await change(newPassword())).status).toBe(200);
    expect((await remove(browser.account.password)).status).toBe(204);
    await lastMail(app, browser.account.email, /second factor was removed/);
    expect((await change(short)).body.code).toBe('weak_password');
    await browser.signedIn();
  });

  test('turned on while a password is being checked, it is asked for all the same', async () => {
    const browser = await Browser.signedUp(app);
    const users = app.app.get(UsersService, { strict: false });
    const checked = await users.findByLogin({ email: browser.account.email });
    if (!checked) throw new Error('no such user');
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    const open = () =>
      app.app
        .get(SessionTokens, { strict: false })
        .openFor(
          checked,
          { deviceId: null, deviceName: null },
          { ip: '127.0.0.1', userAgent: null, requestId: 'test', device: undefined },
          { decrement: [], delete: [] },
        );
    expect(await open()).toBeDefined();
    await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret) } });
    expect(await open()).toBeUndefined();
  });

  test('turned on at one device, it ends the sessions of all others, and on record', async () => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    const code = codeAt(secret);
    expect((await browser.post('/auth/mfa/totp/confirm', { body: { code } })).status).toBe(200);
    expect((await other.post('/auth/mfa/recovery-codes')).status).toBe(401);
    expect((await other.refresh()).status).toBe(401);
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(200);
    const reasons = await app.source.query(
      `select e.details ->> 'reason' as reason from audit_events e join users u on u.id = e.actor_id
       where u.email = $1 and e.action = 'session.ended'`,
      [browser.account.email],
    );
    expect(reasons).toEqual([{ reason: 'factor_enabled' }]);
  });

  test('what another session asks for at that moment comes too late', async () => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    await other.me();
    // As another process does it: this one still takes the session for a live one.
    const users = app.app.get(UsersService, { strict: false });
    const announced = jest.spyOn(users, 'announceAccess').mockImplementationOnce(() => undefined);
    const code = codeAt(secret);
    expect((await browser.post('/auth/mfa/totp/confirm', { body: { code } })).status).toBe(200);
    announced.mockRestore();
    const { password } = browser.account;
    const answers = await Promise.all([
      other.post('/auth/mfa/recovery-codes'),
      other.post('/auth/mfa/totp/remove', { body: { password } }),
      other.post('/auth/password', { body: { current_password: password, new_password: newPassword() } }),
      other.post('/auth/reauthenticate', { body: { password } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    expect((await browser.get('/auth/mfa')).body).toMatchObject({ enabled: true, recovery_codes_left: 10 });
  });

  test('an offer that was not confirmed changes nothing; a confirmed factor is not replaced', async () => {
    const browser = await Browser.signedUp(app);
    const first = (await browser.post('/auth/mfa/totp')).body.secret as string;
    await browser.signedIn();
    const second = (await browser.post('/auth/mfa/totp')).body.secret as string;
    const confirm = (code: string): Promise<Response> =>
      browser.post('/auth/mfa/totp/confirm', { body: { code } });
    expect((await confirm(codeAt(first))).body.code).toBe('invalid_code');
    expect((await confirm(codeAt(second))).status).toBe(200);
    expect((await confirm(codeAt(second, 1))).status).toBe(409);
    expect((await browser.post('/auth/mfa/totp')).status).toBe(409);
  });
});

describe('a recent sign-in', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ RECENT_SIGN_IN: '10m' });
  });
  afterAll(() => app?.close());

  const aged = async (browser: Browser, minutes = 11): Promise<void> => {
    await app.source.query(
      `update refresh_tokens set authenticated_at = now() - make_interval(mins => $2)
       where user_id = (select id from users where email = $1)`,
      [browser.account.email, minutes],
    );
    // Longer than what is known of a session is kept, by either clock.
    clock.pass(1.1);
    await new Promise((done) => setTimeout(done, 1100));
  };
  /** What must stay among them, whatever else joins. */
  const NAMED = [
    'POST /auth/password',
    'POST /auth/email/change',
    'POST /auth/mfa/totp',
    'POST /auth/mfa/totp/confirm',
    'POST /auth/mfa/totp/remove',
    'POST /auth/mfa/recovery-codes',
    'POST /auth/api-keys',
    'DELETE /users/me',
    'POST /admin/users',
    'DELETE /admin/users/{id}',
    'PUT /admin/users/{id}/roles/{role}',
    'DELETE /admin/users/{id}/second-factor',
    'POST /webhooks',
    'PATCH /webhooks/{id}',
    'POST /webhooks/{id}/rotate',
  ];

  test('is needed on every route that says so, by administrators as by users', async () => {
    const sensitive = (await routesOf(app)).routes.filter(({ recent }) => recent);
    expect(sensitive.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMED));
    const user = await Browser.signedUp(app);
    const admin = await new Browser(app, app.admin).signedIn();
    await aged(user);
    await aged(admin);
    const url = await app.app.getUrl();
    for (const route of sensitive) {
      const by = route.roles ? admin : user;
      // The guards come before the body is looked at.
      const path = fill(route.path, (name) => (name === 'role' ? 'admin' : randomUUID()));
      const answer = await ask(`${url}${path}`, route.method, { authorization: `Bearer ${by.token}` });
      expect([route.name, answer.status, answer.body.code]).toEqual([
        route.name,
        403,
        'recent_sign_in_required',
      ]);
    }
    expect((await user.me()).status).toBe(200);
    expect((await admin.get('/admin/users')).body.items.length).toBeGreaterThan(1);
  });

  test('is needed for what could make a stolen session last, and showing the password again makes one', async () => {
    const browser = await Browser.signedUp(app);
    await aged(browser);
    await browser.refresh();
    expect((await browser.post('/auth/mfa/totp')).body.code).toBe('recent_sign_in_required');
    const wrong = await browser.post('/auth/reauthenticate', { body: { password: newPassword() } });
    expect(wrong.body.code).toBe('invalid_credentials');
    const before = { token: browser.token ?? '', cookies: browser.cookies() };
    const again = await browser.post('/auth/reauthenticate', {
      body: { password: browser.account.password },
    });
    expect([again.status, again.body]).toMatchObject([200, { status: 'confirmed', recent_for: 600 }]);
    expect((await browser.post('/auth/mfa/totp')).status).toBe(201);
    expect((await browser.refresh()).status).toBe(200);
    const sessions = (await browser.get('/auth/sessions')).body.items as unknown[];
    expect(sessions.length).toBe(1);
    // A copy of the tokens before gains nothing by it.
    expect((await browser.me({ bearer: before.token })).status).toBe(401);
    const copied = await browser.refresh({ cookies: before.cookies, csrf: browser.csrf ?? null });
    expect([401, 403]).toContain(copied.status);
    expect((await browser.me()).status).toBe(200);
  });

  test('shown again by several requests at once makes one session in the place of one', async () => {
    const browser = await Browser.signedUp(app);
    const { password } = browser.account;
    const bearer = browser.token ?? '';
    const answers = await Promise.all(
      Array.from({ length: 4 }, () => browser.post('/auth/reauthenticate', { body: { password }, bearer })),
    );
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 401, 401, 401]);
    const winner = answers.find(({ status }) => status === 200)?.body.access_token as string;
    expect((await browser.get('/auth/sessions', { bearer: winner })).body.items.length).toBe(1);
  });

  test('of one session counts for no other', async () => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    await aged(browser);
    await browser.post('/auth/reauthenticate', { body: { password: browser.account.password } });
    expect((await other.post('/auth/mfa/totp')).status).toBe(403);
  });

  test('with a second factor means both', async () => {
    const browser = await Browser.signedUp(app);
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret, -1) } });
    await aged(browser);
    const { password } = browser.account;
    const without = await browser.post('/auth/reauthenticate', { body: { password } });
    expect(without.body.code).toBe('invalid_code');
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(403);
    const both = await browser.post('/auth/reauthenticate', { body: { password, code: codeAt(secret) } });
    expect(both.status).toBe(200);
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(200);
  });

  test('with a second factor is not made to last by a new password', async () => {
    const browser = await Browser.signedUp(app);
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret, -1) } });
    await aged(browser, 9);
    const next = newPassword();
    const changed = await browser.post('/auth/password', {
      body: { current_password: browser.account.password, new_password: next },
    });
    expect(changed.status).toBe(200);
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(200);
    clock.pass(120);
    expect((await browser.post('/auth/mfa/recovery-codes')).body.code).toBe('recent_sign_in_required');
    const shown = { password: next, code: codeAt(secret) };
    expect((await browser.post('/auth/reauthenticate', { body: shown })).status).toBe(200);
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(200);
  });
});

describe('where administrators need a second factor', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ REQUIRE_MFA_FOR_ADMINS: 'on' });
  });
  afterAll(() => app?.close());

  test('they may do nothing as such until they have one, and keep it', async () => {
    const admin = await new Browser(app, { ...app.admin }).signedIn();
    const header = { 'X-Admin-Access': 'looking into a report' };
    for (const answer of [
      await admin.get('/admin/dashboard'),
      await admin.get('/collections', { headers: header }),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'mfa_enrolment_required']);
    const reasons = async (): Promise<unknown[]> => {
      const { parts } = (await admin.get('/health/ready')).body as {
        parts: Record<string, { detail: unknown }>;
      };
      return Object.values(parts).flatMap(({ detail }) => detail ?? []);
    };
    expect(await reasons()).toEqual([]);
    expect((await admin.get('/auth/mfa')).body).toMatchObject({ enabled: false, required: true });
    expect((await admin.get('/collections')).status).toBe(200);
    const { secret } = (await admin.post('/auth/mfa/totp')).body as { secret: string };
    await admin.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret) } });
    expect((await admin.get('/admin/dashboard')).status).toBe(200);
    expect(await reasons()).not.toEqual([]);
    const removed = await admin.post('/auth/mfa/totp/remove', { body: { password: app.admin.password } });
    expect(removed.status).toBe(403);
  });

  test('users do not', async () => {
    const browser = await Browser.signedUp(app);
    expect((await browser.get('/auth/mfa')).body).toMatchObject({ enabled: false, required: false });
    expect((await browser.get('/collections')).status).toBe(200);
  });
});
