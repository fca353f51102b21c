import { generateSync } from 'otplib';
import { AuditService } from '../../src/audit/audit.service.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { StoppedClock } from '../support/clock.js';
import { flooded, lastMail, NEW_PASSWORD, tokenIn } from '../support/mails.js';

const PERIOD = 30;
/** It stands still: neither does a code of the step before become too old, nor a wait end, because a test is slow. */
let clock: StoppedClock;
beforeEach(() => {
  clock = new StoppedClock();
});
afterEach(() => clock.goOn());

const codeAt = (secret: string, offset = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + offset * PERIOD });

describe('a second factor that was lost', () => {
  let app: TestApp;
  let admin: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    admin = await new Browser(app, app.admin).signedIn();
  });
  afterAll(() => app?.close());

  const enrol = async (browser: Browser): Promise<{ secret: string; recovery: string[] }> => {
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    const confirmed = await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret, -1) } });
    expect(confirmed.status).toBe(200);
    return { secret, recovery: confirmed.body.recovery_codes as string[] };
  };
  const idOf = async (browser: Browser): Promise<string> => (await browser.me()).body.id;
  const reset = (id: string, by = admin) => by.delete(`/admin/users/${id}/second-factor`);
  const eventsOf = (targetId: string) =>
    app.app.get(AuditService, { strict: false }).page({ targetId }, undefined, 100);

  test('is taken by an administrator: with the password, all sessions and codes; its owner is told and chooses anew', async () => {
    const browser = await Browser.signedUp(app);
    // Sent later, when the password is void, it would be one more mail for a new password.
    await lastMail(app, browser.account.email, /Confirm your address/);
    const { secret, recovery } = await enrol(browser);
    const id = await idOf(browser);
    const firstStep = (await browser.login()).body.mfa_token as string;
    expect((await admin.get(`/admin/users/${id}`)).body.second_factor).toBe(true);

    const answer = await reset(id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await browser.me()).status).toBe(401);
    expect((await browser.refresh()).status).toBe(401);
    // Not even the password alone: it may have been chosen for a sign-in with two steps.
    expect((await browser.login()).status).toBe(401);
    for (const proof of [{ code: codeAt(secret) }, { recovery_code: recovery[0] }]) {
      const body = { mfa_token: firstStep, ...proof };
      expect((await browser.post('/auth/login/mfa', { body, bearer: null })).status).toBe(401);
    }
    const left = await app.source.query(
      `select (select count(*)::int from second_factors where user_id = $1) as factors,
              (select count(*)::int from recovery_codes where user_id = $1) as codes`,
      [id],
    );
    expect(left).toEqual([{ factors: 0, codes: 0 }]);

    const { email } = browser.account;
    const told = await lastMail(app, email, /taken away by an administrator/);
    expect(told.text).not.toContain('127.0.0.1');
    const token = tokenIn(await lastMail(app, email, /new password/));
    const short = { token, new_password: newPassword().slice(0, 10) };
    expect((await app.http().post('/auth/password/reset').send(short)).body.code).toBe('weak_password');
    const password = newPassword();
    const chosen = await app.http().post('/auth/password/reset').send({ token, new_password: password });
    expect(chosen.status).toBe(200);
    const again = await new Browser(app, { email, password }).signedIn();
    expect((await again.get('/auth/mfa')).body.enabled).toBe(false);
    expect((await admin.get(`/admin/users/${id}`)).body.second_factor).toBe(false);

    const event = (await eventsOf(id)).find(({ action }) => action === 'mfa.reset');
    expect(event).toMatchObject({ actor_id: await idOf(admin), target_type: 'user' });
  });

  test('the mail for a new password comes, however often strangers asked for one', async () => {
    const browser = await Browser.signedUp(app);
    const { email } = browser.account;
    await enrol(browser);
    const id = await idOf(browser);
    const asked = await flooded(app, email);
    expect((await reset(id)).status).toBe(204);
    const token = tokenIn(await lastMail(app, email, NEW_PASSWORD, asked + 1));
    const chosen = await app.http().post('/auth/password/reset').send({ token, new_password: newPassword() });
    expect(chosen.status).toBe(200);
  });

  test('is not taken from oneself, from who has none, by whom is no administrator, or without a recent sign-in', async () => {
    const browser = await Browser.signedUp(app);
    const id = await idOf(browser);
    const plain = await reset(id);
    expect([plain.status, plain.body.code]).toEqual([409, 'conflict']);
    // An offer that was never confirmed is not a factor.
    await browser.post('/auth/mfa/totp');
    expect((await reset(id)).status).toBe(409);
    expect((await browser.me()).status).toBe(200);
    expect((await reset('00000000-0000-4000-8000-000000000000')).status).toBe(404);

    const second = await Browser.signedUp(app);
    await admin.put(`/admin/users/${await idOf(second)}/roles/admin`);
    await enrol(second);
    const own = await reset(await idOf(second), second);
    expect([own.status, own.body.code]).toEqual([403, 'forbidden']);
    expect((await reset(await idOf(second), browser)).status).toBe(403);

    await app.source.query(
      `update refresh_tokens set authenticated_at = now() - interval '1 day' where user_id = $1`,
      [await idOf(admin)],
    );
    // Longer than what is known of a session is kept, by either clock.
    clock.pass(1.1);
    await new Promise((done) => setTimeout(done, 1100));
    const stale = await reset(await idOf(second));
    expect([stale.status, stale.body.code]).toEqual([403, 'recent_sign_in_required']);
    await admin.post('/auth/reauthenticate', { body: { password: app.admin.password } });
    expect((await reset(await idOf(second))).status).toBe(204);
    expect((await second.me()).status).toBe(401);
  });

  test('two administrators cannot shut each other out so', async () => {
    for (let round = 0; round < 5; round++) {
      const second = await Browser.signedUp(app);
      const ids = [await idOf(admin), await idOf(second)] as const;
      await admin.put(`/admin/users/${ids[1]}/roles/admin`);
      await app.source.query(
        `delete from user_roles where role_id = (select id from roles where name = 'admin') and user_id <> all($1)`,
        [ids],
      );
      for (const id of ids)
        await app.source.query(
          `insert into second_factors (user_id, secret, confirmed_at) values ($1, '\\x00', now())
           on conflict (user_id) do update set confirmed_at = now()`,
          [id],
        );
      const answers = await Promise.all([reset(ids[1], admin), reset(ids[0], second)]);
      const statuses = answers.map(({ status }) => status);
      expect(statuses.filter((status) => status === 204).length).toBeLessThanOrEqual(1);
      expect(statuses.every((status) => [204, 401, 409].includes(status))).toBe(true);
      const [{ n }] = await app.source.query(
        `select count(*)::int as n from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
         where r.name = 'admin' and u.is_active and u.password_hash <> '!'`,
      );
      expect(n).toBeGreaterThan(0);
      await app.source.query('delete from second_factors');
      if ((await admin.login()).status !== 200) admin = await second.signedIn();
      else await admin.signedIn();
    }
  });
});

describe('codes of a second factor', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const enrolled = async (): Promise<{ browser: Browser; secret: string }> => {
    const browser = await Browser.signedUp(app);
    const { secret } = (await browser.post('/auth/mfa/totp')).body as { secret: string };
    await browser.post('/auth/mfa/totp/confirm', { body: { code: codeAt(secret, -1) } });
    return { browser, secret };
  };

  test('whoever has only the password cannot keep the owner out on a device of theirs', async () => {
    const { browser, secret } = await enrolled();
    const thief = new Browser(app, browser.account);
    const token = (await thief.login()).body.mfa_token as string;
    const guess = () =>
      thief.post('/auth/login/mfa', { body: { mfa_token: token, code: '000000' }, bearer: null });
    let answer = await guess();
    for (let n = 0; n < 20 && answer.status !== 429; n++) answer = await guess();
    expect(answer.status).toBe(429);
    const mine = (await browser.login()).body.mfa_token as string;
    const body = { mfa_token: mine, code: codeAt(secret) };
    expect((await browser.post('/auth/login/mfa', { body, bearer: null })).status).toBe(200);
    expect((await guess()).status).toBe(429);
  });

  test('new recovery codes are recorded and told', async () => {
    const { browser } = await enrolled();
    const id = (await browser.me()).body.id as string;
    expect((await browser.post('/auth/mfa/recovery-codes')).status).toBe(200);
    await lastMail(app, browser.account.email, /New recovery codes/);
    const events = await app.app.get(AuditService, { strict: false }).page({ targetId: id }, undefined, 50);
    expect(events.map(({ action }) => action)).toContain('mfa.recovery_codes_renewed');
  });

  test('a factor that is removed while its recovery codes are renewed leaves none behind', async () => {
    for (let round = 0; round < 10; round++) {
      const { browser } = await enrolled();
      const [renewed, removed] = await Promise.all([
        browser.post('/auth/mfa/recovery-codes'),
        browser.post('/auth/mfa/totp/remove', { body: { password: browser.account.password } }),
      ]);
      expect([200, 409]).toContain(renewed.status);
      expect(removed.status).toBe(204);
      const [{ n }] = await app.source.query(
        'select count(*)::int as n from recovery_codes where user_id = $1',
        [(await browser.me()).body.id],
      );
      expect(n).toBe(0);
    }
  });
});
