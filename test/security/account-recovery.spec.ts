import type { Response } from 'supertest';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail, mailsTo, outbox, tokenIn } from '../support/mails.js';
import { visible } from '../support/visible.js';

const ROUNDS = 50;
const RESET = /new password/;

describe('new passwords by mail', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const post = (path: string, body: object): Promise<Response> =>
    app
      .http()
      .post(path)
      .send(body)
      .then((response) => response);
  const forgot = (email: string): Promise<Response> => post('/auth/password/forgot', { email });
  const reset = (token: string, password = newPassword()): Promise<Response> =>
    post('/auth/password/reset', { token, new_password: password });
  const tokenFor = async (email: string, count = 1): Promise<string> => {
    for (let n = 0; n < count; n++) expect((await forgot(email)).status).toBe(202);
    return tokenIn(await lastMail(app, email, RESET, count));
  };
  /** As if a mail had brought it. */
  const plant = async (email: string, token: string): Promise<void> => {
    await app.source.query(
      `insert into account_tokens (user_id, purpose, email, token_hash, expires_at)
       select id, 'reset', email, sha256(convert_to('account token reset ' || $2, 'UTF8')), now() + interval '1 hour'
       from users where email = $1
       on conflict (user_id, purpose) do update set token_hash = excluded.token_hash, expires_at = excluded.expires_at`,
      [email, token],
    );
  };

  test('a reset sets the password, ends all sessions and access tokens, confirms the address and is told by mail', async () => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    const { email, password: old } = browser.account;
    const password = newPassword();
    const answer = await reset(await tokenFor(email), password);
    expect([answer.status, answer.body]).toEqual([200, { status: 'password_changed' }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
    for (const signedIn of [browser, other]) {
      expect((await signedIn.me()).status).toBe(401);
      expect((await signedIn.refresh()).status).toBe(401);
    }
    expect((await post('/auth/login', { email, password: old })).status).toBe(401);
    const again = await new Browser(app, { email, password }).signedIn();
    expect((await again.me()).body.email_verified).toBe(true);
    const told = await lastMail(app, email, /password was changed/);
    expect(told.text).not.toContain(password);
  });

  test('forgot and resend answer alike for all addresses, and only accounts get mails', async () => {
    const browser = await Browser.signedUp(app);
    const disabled = await Browser.signedUp(app);
    await app.source.query('update users set is_active = false where email = $1', [disabled.account.email]);
    const nobody = newEmail();
    for (const path of ['/auth/password/forgot', '/auth/email/resend']) {
      const answers: unknown[] = [];
      for (const email of [browser.account.email, disabled.account.email, nobody])
        answers.push(visible(await post(path, { email })));
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
    }
    await mailsTo(app, browser.account.email, RESET);
    // Requests are worked on in order: what came before this one is done.
    await tokenFor(browser.account.email, 2);
    expect(outbox(app).filter((mail) => mail.to === nobody)).toEqual([]);
    expect(
      outbox(app).filter((mail) => mail.to === disabled.account.email && RESET.test(mail.subject)),
    ).toEqual([]);
    const left = await app.source.query('select count(*)::int as n from account_requests');
    expect(left[0].n).toBe(0);
  });

  test(`two parallel resets, ${ROUNDS} rounds: one wins`, async () => {
    const browser = await Browser.signedUp(app);
    const { email } = browser.account;
    for (let round = 0; round < ROUNDS; round++) {
      const token = `${String(round).padStart(3, '0')}${'p'.repeat(24)}`;
      await plant(email, token);
      const passwords = [newPassword(), newPassword()];
      const answers = await Promise.all(passwords.map((password) => reset(token, password)));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
      if (round % 10 > 0) continue;
      const winner = answers.findIndex(({ status }) => status === 200);
      expect((await post('/auth/login', { email, password: passwords[winner] })).status).toBe(200);
      expect((await post('/auth/login', { email, password: passwords[1 - winner] })).status).toBe(401);
    }
  });

  test('a reset that races with signing in leaves no session of the old password', async () => {
    for (let round = 0; round < 10; round++) {
      const browser = await Browser.signedUp(app);
      const token = `${String(round).padStart(3, '0')}${'s'.repeat(24)}`;
      await plant(browser.account.email, token);
      const [changed, signedIn, refreshed] = await Promise.all([
        reset(token),
        browser.login(),
        browser.refresh({ cookies: browser.cookies() }),
      ]);
      expect(changed.status).toBe(200);
      for (const answer of [signedIn, refreshed])
        if (answer.status === 200)
          expect((await browser.me({ bearer: answer.body.access_token })).status).toBe(401);
    }
  });

  test('works once, the newest only, for a while, and for nothing else', async () => {
    const browser = await Browser.signedUp(app);
    const { email } = browser.account;
    const newest = await tokenFor(email, 2);
    const [first] = await mailsTo(app, email, RESET, 2);
    if (!first) throw new Error('no mail');
    expect((await reset(tokenIn(first))).body.code).toBe('invalid_token');
    for (const [path, body] of [
      ['/auth/email/verify', { token: newest }],
      ['/auth/email/change/confirm', { token: newest }],
      ['/auth/invitations/accept', { token: newest, password: newPassword() }],
    ] as const)
      expect((await post(path, body)).body.code).toBe('invalid_token');
    expect((await post('/auth/refresh', {})).status).toBe(401);
    expect((await app.http().get('/auth/me').set('Authorization', `Bearer ${newest}`)).status).toBe(401);
    expect((await reset(newest, 'too short')).body.code).toBe('weak_password');
    expect((await reset(newest)).status).toBe(200);
    expect((await reset(newest)).body.code).toBe('invalid_token');
    const late = await tokenFor(email, 3);
    await app.source.query('update account_tokens set expires_at = now()');
    expect((await reset(late)).body.code).toBe('invalid_token');
  });

  test('a password change voids a mail that is under way', async () => {
    const browser = await Browser.signedUp(app);
    const token = await tokenFor(browser.account.email);
    const changed = await browser.post('/auth/password', {
      body: { current_password: browser.account.password, new_password: newPassword() },
    });
    expect(changed.status).toBe(200);
    expect((await reset(token)).body.code).toBe('invalid_token');
  });

  test('links start with PUBLIC_URL, whatever the request says about the host', async () => {
    const browser = await Browser.signedUp(app);
    const { email } = browser.account;
    await app
      .http()
      .post('/auth/password/forgot')
      .set('X-Forwarded-Host', 'evil.example')
      .set('X-Forwarded-Proto', 'https')
      .set('Forwarded', 'host=evil.example')
      .send({ email });
    const mail = await lastMail(app, email, RESET);
    expect(mail.text).toContain('http://localhost:8000/reset-password#token=');
    expect(mail.text + mail.html).not.toContain('evil');
  });

  test('so many mails and no more go to one address, and other kinds still do', async () => {
    const { account } = await Browser.signedUp(app);
    for (let n = 0; n < 12; n++) await forgot(account.email);
    await mailsTo(app, account.email, RESET, 6);
    const last = await Browser.signedUp(app);
    await tokenFor(last.account.email);
    expect(outbox(app).filter((mail) => mail.to === account.email && RESET.test(mail.subject)).length).toBe(
      6,
    );
  });

  test('whoever registered the address of somebody else loses all of it when its owner resets', async () => {
    const attacker = await Browser.signedUp(app);
    const accomplice = await Browser.signedUp(app);
    const { email } = attacker.account;
    const mine = (await attacker.get('/collections')).body.items[0].id as string;
    const { id: friend } = (await accomplice.me()).body;
    await attacker.put(`/collections/${mine}/grants`, {
      body: { subject: `user:${friend}`, access: 'manage' },
    });
    const made = await attacker.post('/auth/api-keys', {
      body: { name: 'k', scopes: ['documents:read', 'collections:read'] },
    });
    expect(made.status).toBe(201);
    expect((await accomplice.get(`/collections/${mine}`)).status).toBe(200);
    const password = newPassword();
    expect((await reset(await tokenFor(email), password)).status).toBe(200);
    expect((await attacker.me()).status).toBe(401);
    expect((await attacker.login()).status).toBe(401);
    expect((await app.http().get('/collections').set('X-API-Key', made.body.key)).status).toBe(401);
    // What another process may still have in its memory for a moment.
    await new Promise((done) => setTimeout(done, 1100));
    expect((await accomplice.get(`/collections/${mine}`)).status).toBe(404);
    const owner = await new Browser(app, { email, password }).signedIn();
    expect((await owner.get(`/collections/${mine}`)).status).toBe(200);
  });
});

describe('addresses', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const tokenFor = async (email: string, subject: RegExp): Promise<string> =>
    tokenIn(await lastMail(app, email, subject));
  const verify = (body: object) => app.http().post('/auth/email/verify').send(body);

  test('of an account in use: whoever uses it confirms it and keeps it', async () => {
    for (const proof of ['access token', 'device cookie', 'password']) {
      const browser = await Browser.signedUp(app);
      const token = await tokenFor(browser.account.email, /Confirm your address/);
      const body = proof === 'password' ? { token, password: browser.account.password } : { token };
      const answer = await browser.post('/auth/email/verify', {
        body,
        bearer: proof === 'access token' ? (browser.token ?? '') : null,
        cookies: proof === 'device cookie' ? { device: browser.cookies()['device'] ?? '' } : {},
      });
      expect(answer.body).toEqual({ status: 'verified', password_reset_required: false });
      expect((await browser.me()).body.email_verified).toBe(true);
    }
  });

  test('a wrong password confirms nothing', async () => {
    const browser = await Browser.signedUp(app);
    const token = await tokenFor(browser.account.email, /Confirm your address/);
    expect((await verify({ token, password: newPassword() })).body.code).toBe('invalid_credentials');
    expect((await browser.me()).body.email_verified).toBe(false);
  });

  test('of an account in use by somebody else: its owner gets it, and the other one is out', async () => {
    const attacker = await Browser.signedUp(app);
    const { email } = attacker.account;
    const answer = await verify({ token: await tokenFor(email, /Confirm your address/) });
    expect(answer.body).toEqual({ status: 'verified', password_reset_required: true });
    expect((await attacker.me()).status).toBe(401);
    expect((await attacker.refresh()).status).toBe(401);
    expect((await attacker.login()).status).toBe(401);
    const password = newPassword();
    const token = await tokenFor(email, RESET);
    expect(
      (await app.http().post('/auth/password/reset').send({ token, new_password: password })).status,
    ).toBe(200);
    await new Browser(app, { email, password }).signedIn();
  });

  test('can be changed by who reads the new one; the old one is told', async () => {
    const browser = await Browser.signedUp(app);
    const { email: before, password } = browser.account;
    const email = newEmail();
    const asked = await browser.post('/auth/email/change', { body: { email } });
    expect([asked.status, asked.body]).toEqual([202, { status: 'accepted' }]);
    expect((await browser.me()).body.email).toBe(before);
    const token = await tokenFor(email, /new address/);
    const answer = await browser.post('/auth/email/change/confirm', { body: { token } });
    expect([answer.status, answer.body]).toEqual([200, { status: 'changed' }]);
    expect((await browser.me()).body).toMatchObject({ email, email_verified: true });
    await lastMail(app, before, /address was changed/);
    expect((await app.http().post('/auth/login').send({ email: before, password })).status).toBe(401);
    await new Browser(app, { email, password }).signedIn();
    const again = await browser.post('/auth/email/change/confirm', { body: { token } });
    expect(again.body.code).toBe('invalid_token');
  });

  const CHANGE_ASKED = /Another address was asked for/;

  test('that are to be another one are told at once at the present one, whether or not the other is free', async () => {
    const taken = await Browser.signedUp(app);
    for (const email of [newEmail(), taken.account.email]) {
      const browser = await Browser.signedUp(app);
      await browser.post('/auth/email/change', { body: { email } });
      const told = await lastMail(app, browser.account.email, CHANGE_ASKED);
      expect(told.text).not.toContain(email);
      expect(told.text).not.toContain('#token=');
    }
  });

  describe('are not changed by whose session was ended', () => {
    /** The thief of a session asked for an address of its own, and reads its mail. */
    const begun = async (): Promise<{ victim: Browser; thief: Browser; token: string }> => {
      const victim = await Browser.signedUp(app);
      const thief = await victim.elsewhere();
      const email = newEmail();
      await thief.post('/auth/email/change', { body: { email } });
      return { victim, thief, token: await tokenFor(email, /new address/) };
    };
    const finished = (thief: Browser, token: string) =>
      thief.post('/auth/email/change/confirm', { body: { token }, bearer: null });
    const idOf = async (browser: Browser): Promise<string> => (await browser.me()).body.session_id;

    test.each<[string, (victim: Browser, thief: Browser) => Promise<Response>]>([
      ['logging out', (_, thief) => thief.post('/auth/logout')],
      ['ending it', async (victim, thief) => victim.delete(`/auth/sessions/${await idOf(thief)}`)],
      ['signing out everywhere else', (victim) => victim.delete('/auth/sessions')],
      [
        'a new password',
        (victim) =>
          victim.post('/auth/password', {
            body: { current_password: victim.account.password, new_password: newPassword() },
          }),
      ],
      [
        'an administrator',
        async (victim) => {
          const admin = await new Browser(app, app.admin).signedIn();
          return admin.delete(`/admin/users/${(await victim.me()).body.id}/sessions`);
        },
      ],
    ])('by %s', async (_, end) => {
      const { victim, thief, token } = await begun();
      expect([200, 204]).toContain((await end(victim, thief)).status);
      const left = await app.source.query(
        `select 1 from account_tokens t join users u on u.id = t.user_id
         where u.email = $1 and t.purpose = 'change_address'`,
        [victim.account.email],
      );
      expect(left).toEqual([]);
      const answer = await finished(thief, token);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_token']);
    });

    test('by its time, either: the device alone says nothing', async () => {
      const { victim, thief, token } = await begun();
      await app.source.query('update refresh_tokens set expires_at = now() where id = $1', [
        await idOf(thief),
      ]);
      const answer = await finished(thief, token);
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
      expect((await victim.me()).body.email).toBe(victim.account.email);
    });

    test('also where nobody has looked at the request yet', async () => {
      const { victim } = await begun();
      const { id } = (await victim.me()).body;
      await app.source.query(
        `insert into account_requests (kind, email, user_id) values ('change_address', $1, $2)`,
        [newEmail(), id],
      );
      expect((await victim.delete('/auth/sessions')).status).toBe(204);
      const left = await app.source.query(
        `select user_id from account_requests where user_id = $1
         union all select user_id from account_tokens where user_id = $1 and purpose = 'change_address'`,
        [id],
      );
      expect(left).toEqual([]);
    });
  });

  test('of an account that nobody is signed in to any more: the device alone does not show that it is the same one', async () => {
    const browser = await Browser.signedUp(app);
    const token = await tokenFor(browser.account.email, /Confirm your address/);
    await browser.post('/auth/logout');
    const answer = await browser.post('/auth/email/verify', { body: { token }, bearer: null });
    expect(answer.body).toEqual({ status: 'verified', password_reset_required: true });
  });

  test('are not confirmed with an access token that is over, and nobody loses anything by it', async () => {
    const browser = await Browser.signedUp(app);
    const other = await browser.elsewhere();
    const made = await browser.post('/auth/api-keys', { body: { name: 'k', scopes: ['collections:read'] } });
    const token = await tokenFor(browser.account.email, /Confirm your address/);
    await other.post('/auth/logout');
    const answer = await other.post('/auth/email/verify', { body: { token }, cookies: {} });
    expect([answer.status, answer.body.code]).toEqual([401, 'unauthenticated']);
    expect((await browser.post('/auth/email/verify', { body: { token } })).body).toEqual({
      status: 'verified',
      password_reset_required: false,
    });
    expect((await app.http().get('/collections').set('X-API-Key', made.body.key)).status).toBe(200);
  });

  test('cannot be lent: whoever reads an address does not give it to an account of somebody else by following the link', async () => {
    const thief = await Browser.signedUp(app);
    const victim = await Browser.signedUp(app);
    const email = newEmail();
    await thief.post('/auth/email/change', { body: { email } });
    const token = await tokenFor(email, /new address/);
    for (const answer of [
      await app.http().post('/auth/email/change/confirm').send({ token }),
      await victim.post('/auth/email/change/confirm', { body: { token } }),
      await victim.post('/auth/email/change/confirm', { body: { token }, bearer: null }),
    ])
      expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
    expect((await thief.me()).body.email).toBe(thief.account.email);
    // The token is not used up: who owns both goes on where the account is signed in, by the cookie of the browser, too.
    const own = await thief.post('/auth/email/change/confirm', { body: { token }, bearer: null });
    expect(own.status).toBe(200);
  });

  test('of somebody else cannot be told from free ones by who wants to change to them', async () => {
    const [browser, other] = [await Browser.signedUp(app), await Browser.signedUp(app)];
    const answers: unknown[] = [];
    for (const email of [other.account.email, newEmail()])
      answers.push(visible(await browser.post('/auth/email/change', { body: { email } })));
    expect(answers[1]).toEqual(answers[0]);
    await lastMail(app, other.account.email, /was asked for/);
    expect(outbox(app).filter((m) => m.to === other.account.email && /new address/.test(m.subject))).toEqual(
      [],
    );
  });

  test('that got an account while the mail was under way stay its', async () => {
    const browser = await Browser.signedUp(app);
    const rival = new Browser(app);
    await browser.post('/auth/email/change', { body: { email: rival.account.email } });
    const token = await tokenFor(rival.account.email, /new address/);
    await rival.register();
    const answer = await browser.post('/auth/email/change/confirm', { body: { token } });
    expect([answer.status, answer.body.code]).toEqual([409, 'email_taken']);
  });
});
