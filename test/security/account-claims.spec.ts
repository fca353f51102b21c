import { generateSync } from 'otplib';
import type { Response } from 'supertest';
import { AccountClaims } from '../../src/auth/accounts/account-claims.service.js';
import { SessionsRepository } from '../../src/auth/sessions/sessions.repository.js';
import { UserChanges } from '../../src/users/user-changes.service.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { StoppedClock } from '../support/clock.js';
import { flooded, lastMail, NEW_PASSWORD, tokenIn } from '../support/mails.js';

const SHORT = 'wq8-Zt4m';

/** Somebody registered the address of somebody else, and did all one can do with an account, until its owner comes. */
describe('an account whose address is proved by another one than uses it', () => {
  let app: TestApp;
  /** Stands still, so that a code of the step before goes on being one. */
  let clock: StoppedClock;
  beforeAll(async () => {
    app = await startTestApp();
  });
  beforeEach(() => {
    clock = new StoppedClock();
  });
  afterEach(() => clock.goOn());
  afterAll(() => app?.close());

  const post = (path: string, body: object): Promise<Response> =>
    app
      .http()
      .post(path)
      .send(body)
      .then((response) => response);
  const deviceOf = async (browser: Browser): Promise<{ user: string; device: string }> => {
    const [row] = await app.source.query(
      `select s.user_id as user, s.device_key as device from refresh_tokens s join users u on u.id = s.user_id
       where u.email = $1 order by s.created_at limit 1`,
      [browser.account.email],
    );
    return row;
  };
  const known = ({ user, device }: { user: string; device: string }): Promise<boolean> =>
    app.app.get(SessionsRepository, { strict: false }).knowsDevice(user, device);

  const squatted = async (): Promise<Browser> => {
    const squatter = await Browser.signedUp(app);
    const { secret } = (await squatter.post('/auth/mfa/totp')).body as { secret: string };
    const code = generateSync({ secret });
    expect((await squatter.post('/auth/mfa/totp/confirm', { body: { code } })).status).toBe(200);
    return squatter;
  };
  const viaLink = async (email: string): Promise<string> => {
    const token = tokenIn(await lastMail(app, email, /Confirm your address/));
    const answer = await post('/auth/email/verify', { token });
    expect(answer.body).toEqual({ status: 'verified', password_reset_required: true });
    return tokenIn(await lastMail(app, email, /new password/));
  };
  const viaReset = async (email: string): Promise<string> => {
    expect((await post('/auth/password/forgot', { email })).status).toBe(202);
    return tokenIn(await lastMail(app, email, /new password/));
  };

  test.each([
    ['by following the link', viaLink],
    ['with a new password', viaReset],
  ])(
    '%s: neither the second factor of that one is asked for, nor is a device of theirs known',
    async (_, via) => {
      const squatter = await squatted();
      const { email } = squatter.account;
      const held = await deviceOf(squatter);
      const cookie = squatter.cookies()['device'] ?? '';
      // One that had signed out before is no better.
      await squatter.post('/auth/logout');
      expect(await known(held)).toBe(true);
      const token = await via(email);
      // It was only short enough beside the factor that goes.
      const short = await post('/auth/password/reset', { token, new_password: SHORT });
      expect(short.body.code).toBe('weak_password');
      const password = newPassword();
      expect((await post('/auth/password/reset', { token, new_password: password })).status).toBe(200);
      expect(await known(held)).toBe(false);
      const owner = new Browser(app, { email, password });
      const signedIn = await owner.post('/auth/login', { body: owner.account, cookies: { device: cookie } });
      expect([signedIn.status, signedIn.body.mfa_required]).toEqual([200, undefined]);
      expect(owner.cookies()['device']).not.toBe(cookie);
      await lastMail(app, email, /new device/);
      expect((await owner.get('/auth/mfa')).body).toMatchObject({ enabled: false, recovery_codes_left: 0 });
      expect((await squatter.login()).status).toBe(401);
    },
  );

  test('the owner gets the mail for a new password, however often strangers asked for one', async () => {
    const { email } = (await squatted()).account;
    const verify = tokenIn(await lastMail(app, email, /Confirm your address/));
    const asked = await flooded(app, email);
    expect((await post('/auth/email/verify', { token: verify })).body.password_reset_required).toBe(true);
    const token = tokenIn(await lastMail(app, email, NEW_PASSWORD, asked + 1));
    const chosen = await post('/auth/password/reset', { token, new_password: newPassword() });
    expect(chosen.status).toBe(200);
  });

  test('what that one asked for at the moment it was taken from them comes too late', async () => {
    const squatter = await Browser.signedUp(app);
    const { id } = (await squatter.me()).body;
    const own = (await squatter.get('/collections')).body.items[0].id as string;
    const friend = (await (await Browser.signedUp(app)).me()).body.id;
    const { secret } = (await squatter.post('/auth/mfa/totp')).body as { secret: string };
    await squatter.me();
    // As another process does it: this one still takes the session for a live one.
    await app.source.transaction((transaction) =>
      app.app
        .get(AccountClaims, { strict: false })
        .evict(transaction, id, { ip: null, userAgent: null, requestId: 'test', device: undefined }),
    );
    const answers = await Promise.all([
      squatter.put(`/collections/${own}/grants`, { body: { subject: `user:${friend}`, access: 'manage' } }),
      squatter.post('/auth/mfa/totp/confirm', { body: { code: generateSync({ secret }) } }),
      squatter.post('/auth/api-keys', { body: { name: 'k', scopes: ['documents:read'] } }),
      squatter.post('/webhooks', { body: { url: 'https://mallory.example/hook' } }),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401]);
    const left = await app.source.query(
      `select (select count(*)::int from collection_grants where collection_id = $2) as grants,
              (select count(*)::int from second_factors where user_id = $1 and confirmed_at is not null) as factors,
              (select count(*)::int from api_keys where user_id = $1) as keys,
              (select count(*)::int from webhook_endpoints where owner_id = $1) as webhooks`,
      [id, own],
    );
    expect(left).toEqual([{ grants: 0, factors: 0, keys: 0, webhooks: 0 }]);
  });

  test('nor do webhooks and codes change within a session that a new password has ended', async () => {
    const user = await squatted();
    const { id } = (await user.me()).body;
    const hook = (await user.post('/webhooks', { body: { url: 'https://user.example/hook' } })).body.id;
    await user.me();
    // As another process does it: this one still takes the session for a live one.
    await app.source.transaction((transaction) =>
      app.app.get(UserChanges, { strict: false }).endAccess(transaction, id, 'password_changed'),
    );
    const answers = await Promise.all([
      user.patch(`/webhooks/${hook}`, { body: { url: 'https://mallory.example/hook' } }),
      user.post(`/webhooks/${hook}/rotate`),
      user.post('/auth/mfa/totp'),
      user.post('/auth/mfa/recovery-codes'),
      user.delete(`/webhooks/${hook}`),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 401]);
    const left = await app.source.query('select url, previous_secret from webhook_endpoints where id = $1', [
      hook,
    ]);
    expect(left).toEqual([{ url: 'https://user.example/hook', previous_secret: null }]);
  });

  test('all that the other one opened is closed, and each grant is on record', async () => {
    const squatter = await Browser.signedUp(app);
    const { id } = (await squatter.me()).body;
    const own = (await squatter.get('/collections')).body.items[0].id as string;
    const made = await squatter.post('/webhooks', { body: { url: 'https://mallory.example/hook' } });
    expect(made.status).toBe(201);
    const grants: string[] = [];
    for (const access of ['read', 'manage']) {
      const friend = (await (await Browser.signedUp(app)).me()).body.id;
      const given = await squatter.put(`/collections/${own}/grants`, {
        body: { subject: `user:${friend}`, access },
      });
      grants.push(given.body.id);
    }
    await viaLink(squatter.account.email);
    const left = await app.source.query(
      `select (select count(*)::int from webhook_endpoints where owner_id = $1) as webhooks,
              (select count(*)::int from collection_grants where collection_id = $2) as grants`,
      [id, own],
    );
    expect(left).toEqual([{ webhooks: 0, grants: 0 }]);
    const events = await app.source.query(
      `select actor_id, details ->> 'grant' as grant, details ->> 'because' as because from audit_events
       where action = 'grant.taken_back' and target_id = $1 order by array_position($2::text[], details ->> 'grant')`,
      [own, grants],
    );
    expect(events).toEqual(grants.map((grant) => ({ actor_id: id, grant, because: 'user.claimed' })));
  });
});
