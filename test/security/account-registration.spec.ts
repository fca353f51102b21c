import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { StoppedClock } from '../support/clock.js';
import { lastMail, mailsTo, tokenIn } from '../support/mails.js';
import { visible } from '../support/visible.js';

const RESET = /new password/;

describe('registration where addresses have to be confirmed', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ REQUIRE_EMAIL_VERIFICATION: 'on', REGISTRATIONS_NEED_PROOF: 'on' });
  });
  afterAll(() => app?.close());

  const verify = (body: object) => app.http().post('/auth/email/verify').send(body);
  const confirmed = async (): Promise<Browser> => {
    const browser = new Browser(app);
    expect((await browser.register()).status).toBe(202);
    const token = tokenIn(await lastMail(app, browser.account.email, /Confirm/));
    expect((await verify({ token, password: browser.account.password })).status).toBe(200);
    return browser.signedIn();
  };
  const handedOver = { status: 'verified', password_reset_required: true };
  const own = { status: 'verified', password_reset_required: false };
  /** As the page behind the link does: with the cookies of its browser. */
  const followed = (by: Browser, token: string) =>
    by.post('/auth/email/verify', { body: { token }, bearer: null, csrf: null });
  /** The owner of the address chooses a password by mail, and has an account of which nobody else knows anything. */
  const startsAfresh = async (email: string, ...strangers: Browser[]): Promise<void> => {
    for (const stranger of strangers) expect((await stranger.login()).body.code).toBe('invalid_credentials');
    const token = tokenIn(await lastMail(app, email, RESET));
    const password = newPassword();
    const reset = await app.http().post('/auth/password/reset').send({ token, new_password: password });
    expect(reset.status).toBe(200);
    const owner = await new Browser(app, { email, password }).signedIn();
    expect((await owner.me()).body).toMatchObject({ email, username: null, full_name: null });
    for (const stranger of strangers) expect((await stranger.login()).status).toBe(401);
  };

  test('an account begins with the confirmation', async () => {
    const browser = new Browser(app);
    const answer = await browser.register({ username: 'eve.first', full_name: 'Eve' });
    expect([answer.status, answer.body]).toEqual([202, { status: 'created' }]);
    expect((await browser.login()).body.code).toBe('invalid_credentials');
    const token = tokenIn(await lastMail(app, browser.account.email, /Confirm/));
    const body = { token, password: browser.account.password };
    expect((await verify(body)).body).toEqual(own);
    await browser.signedIn();
    expect((await browser.me()).body).toMatchObject({
      username: 'eve.first',
      full_name: 'Eve',
      email_verified: true,
      roles: ['user'],
    });
    expect((await browser.get('/collections')).body.items.length).toBe(1);
    expect((await verify(body)).body.code).toBe('invalid_token');
  });

  test('the answer is the same for an address with an account, whose owner is told', async () => {
    const owner = await confirmed();
    const taken = new Browser(app, { email: owner.account.email, password: newPassword() });
    const [known, unknown] = [await taken.register(), await new Browser(app).register()];
    expect(visible(known)).toEqual(visible(unknown));
    const told = await lastMail(app, owner.account.email, /already have an account/);
    expect(told.text).not.toContain('#token=');
    expect((await taken.login()).status).toBe(401);
    expect((await owner.login()).status).toBe(200);
  });

  test('login tells nobody which addresses wait to be confirmed', async () => {
    const waiting = new Browser(app);
    await waiting.register();
    await lastMail(app, waiting.account.email, /Confirm/);
    const answers = [await waiting.login(), await new Browser(app).login()].map((answer) => {
      const { request_id: _, ...body } = answer.body as Record<string, unknown>;
      return { ...(visible(answer) as object), body };
    });
    expect(answers[0]).toEqual(answers[1]);
  });

  test('the browser that registered confirms without being asked for the password', async () => {
    const browser = new Browser(app);
    const answer = await browser.register({ username: 'same.browser' });
    const cookie = browser.jar.get('registration');
    expect(cookie?.attributes).toMatchObject({ path: '/', httponly: true, 'max-age': '86400' });
    expect(JSON.stringify(answer.body)).not.toContain(cookie?.value);
    const rows = await app.source.query('select row_to_json(t)::text as row from pending_registrations t');
    expect(JSON.stringify(rows)).not.toContain(cookie?.value);
    const token = tokenIn(await lastMail(app, browser.account.email, /Confirm/));
    expect((await followed(browser, token)).body).toEqual(own);
    await browser.signedIn();
    expect((await browser.me()).body.username).toBe('same.browser');
  });

  test('the answer and its cookie are the same for an address with an account', async () => {
    const owner = await confirmed();
    const kept = [];
    for (const email of [owner.account.email, newEmail()]) {
      const browser = new Browser(app, { email, password: newPassword() });
      await browser.register();
      const { value = '', attributes } = browser.jar.get('registration') ?? {};
      kept.push([value.length, { ...attributes, expires: null }]);
    }
    expect(kept[0]).toEqual(kept[1]);
  });

  describe('whoever registers the address of somebody else gains nothing', () => {
    const two = async (): Promise<{ attacker: Browser; owner: Browser; email: string }> => {
      const attacker = new Browser(app);
      const { email } = attacker.account;
      return { attacker, owner: new Browser(app, { email, password: newPassword() }), email };
    };

    test('when its owner, who never registered, follows the link', async () => {
      const { attacker, owner, email } = await two();
      await attacker.register({ username: 'mallory', full_name: 'Mallory' });
      const token = tokenIn(await lastMail(app, email, /Confirm/));
      expect((await followed(owner, token)).body).toEqual(handedOver);
      await startsAfresh(email, attacker);
    });

    test('when its owner registered before', async () => {
      const { attacker, owner, email } = await two();
      await owner.register({ full_name: 'Alice' });
      await lastMail(app, email, /Confirm/);
      await attacker.register({ full_name: 'Mallory' });
      const token = tokenIn(await lastMail(app, email, /Confirm/, 2));
      // The owner's own browser and password are those of another registration by now.
      expect((await verify({ token, password: owner.account.password })).body.code).toBe(
        'invalid_credentials',
      );
      expect((await followed(owner, token)).body).toEqual(handedOver);
      await startsAfresh(email, attacker, owner);
    });

    test('when its owner asks for another mail, or for a password', async () => {
      for (const path of ['/auth/email/resend', '/auth/password/forgot']) {
        const { attacker, owner, email } = await two();
        await owner.register();
        await lastMail(app, email, /Confirm/);
        await attacker.register();
        await lastMail(app, email, /Confirm/, 2);
        expect((await owner.post(path, { body: { email }, anonymous: true })).status).toBe(202);
        const token = tokenIn(await lastMail(app, email, /Confirm/, 3));
        expect((await followed(owner, token)).body).toEqual(handedOver);
        await startsAfresh(email, attacker, owner);
      }
    });

    test('when its owner registers later: that one counts, with the password or in that browser', async () => {
      for (const proof of ['password', 'browser', 'none']) {
        const { attacker, owner, email } = await two();
        await attacker.register({ full_name: 'Mallory' });
        const early = tokenIn(await lastMail(app, email, /Confirm/));
        await owner.register({ full_name: 'Alice' });
        const token = tokenIn(await lastMail(app, email, /Confirm/, 2));
        expect((await verify({ token: early })).body.code).toBe('invalid_token');
        if (proof === 'none') {
          expect((await verify({ token })).body).toEqual(handedOver);
          await startsAfresh(email, attacker);
          continue;
        }
        const answer =
          proof === 'browser'
            ? await followed(owner, token)
            : await verify({ token, password: owner.account.password });
        expect(answer.body).toEqual(own);
        expect((await attacker.login()).status).toBe(401);
        await owner.signedIn();
        expect((await owner.me()).body.full_name).toBe('Alice');
      }
    });

    test('by a cookie that is doubled, made up, or of another registration', async () => {
      const other = new Browser(app);
      await other.register();
      const mark = other.cookies()['registration'] ?? '';
      const attacker = new Browser(app);
      const { email } = attacker.account;
      await attacker.register();
      const attackers = attacker.cookies()['registration'] ?? '';
      let token = tokenIn(await lastMail(app, email, /Confirm/));
      const cookie = `registration=${attackers}; registration=${mark}`;
      const doubled = await app.http().post('/auth/email/verify').set('Cookie', cookie).send({ token });
      expect(doubled.body).toEqual(handedOver);
      await startsAfresh(email, attacker);
      for (const value of [mark, 'x'.repeat(27), '__proto__']) {
        const next = new Browser(app);
        await next.register();
        token = tokenIn(await lastMail(app, next.account.email, /Confirm/));
        const answer = await next.post('/auth/email/verify', {
          body: { token },
          bearer: null,
          cookies: { registration: value },
        });
        expect(answer.body).toEqual(handedOver);
      }
    });
  });

  test('who is asked for the password before confirming cannot be made to confirm a stranger’s', async () => {
    const attacker = new Browser(app);
    await attacker.register();
    const token = tokenIn(await lastMail(app, attacker.account.email, /Confirm/));
    const answer = await verify({ token, password: newPassword() });
    expect([answer.status, answer.body.code]).toEqual([401, 'invalid_credentials']);
    expect((await attacker.login()).status).toBe(401);
    expect((await verify({ token, password: attacker.account.password })).status).toBe(200);
  });

  test('guesses at the password of a registration count with those at sign-in', async () => {
    const waiting = new Browser(app);
    await waiting.register();
    const token = tokenIn(await lastMail(app, waiting.account.email, /Confirm/));
    const clock = new StoppedClock();
    try {
      const statuses: number[] = [];
      for (let n = 0; n < 12; n++) statuses.push((await verify({ token, password: newPassword() })).status);
      expect(statuses).toEqual([...Array<number>(11).fill(401), 429]);
      expect((await waiting.login()).status).toBe(429);
    } finally {
      clock.goOn();
    }
    await app.source.query('delete from rate_limits');
    expect((await verify({ token, password: waiting.account.password })).status).toBe(200);
  });

  test('resend replaces the token, and works for who forgot the password before ever confirming', async () => {
    const browser = new Browser(app);
    await browser.register();
    const { email } = browser.account;
    const first = tokenIn(await lastMail(app, email, /Confirm/));
    for (const path of ['/auth/email/resend', '/auth/password/forgot'])
      expect((await app.http().post(path).send({ email })).status).toBe(202);
    const token = tokenIn(await lastMail(app, email, /Confirm/, 3));
    expect((await verify({ token: first })).body.code).toBe('invalid_token');
    expect((await followed(browser, token)).body).toEqual(own);
    await browser.signedIn();
  });

  test('of parallel confirmations one makes the account', async () => {
    for (let round = 0; round < 5; round++) {
      const browser = new Browser(app);
      await browser.register();
      const token = tokenIn(await lastMail(app, browser.account.email, /Confirm/));
      const statuses = (await Promise.all([verify({ token }), verify({ token }), verify({ token })])).map(
        ({ status }) => status,
      );
      expect(statuses.sort((a, b) => a - b)).toEqual([200, 400, 400]);
      const rows = await app.source.query('select count(*)::int as n from users where email = $1', [
        browser.account.email,
      ]);
      expect(rows[0].n).toBe(1);
    }
  });

  test('a username that is taken is said; one that was taken meanwhile is left out', async () => {
    const first = new Browser(app);
    const second = new Browser(app);
    await first.register({ username: 'same.name' });
    await second.register({ username: 'same.name' });
    for (const browser of [first, second])
      await followed(browser, tokenIn(await lastMail(app, browser.account.email, /Confirm/)));
    await first.signedIn();
    await second.signedIn();
    const names = [(await first.me()).body.username, (await second.me()).body.username];
    expect(names).toEqual(['same.name', null]);
    expect((await new Browser(app).register({ username: 'SAME.name' })).body.code).toBe('username_taken');
  });

  test('an account whose address was never confirmed cannot be used', async () => {
    const browser = await confirmed();
    await app.source.query('update users set email_verified_at = null where email = $1', [
      browser.account.email,
    ]);
    expect((await browser.login()).body.code).toBe('invalid_credentials');
  });
});

describe('registration where the link alone is enough', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ REQUIRE_EMAIL_VERIFICATION: 'on' });
  });
  afterAll(() => app?.close());

  test('an account begins with the password of the registration that the link belongs to', async () => {
    const stranger = new Browser(app);
    await stranger.register();
    const { email } = stranger.account;
    const old = tokenIn(await lastMail(app, email, /Confirm/));
    const owner = new Browser(app, { email, password: newPassword() });
    await owner.register();
    const token = (await mailsTo(app, email, /Confirm/, 2)).map(tokenIn).find((each) => each !== old);
    const verify = (body: object) => app.http().post('/auth/email/verify').send(body);
    expect((await verify({ token: old })).body.code).toBe('invalid_token');
    expect((await verify({ token })).body).toEqual({ status: 'verified', password_reset_required: false });
    expect((await stranger.login()).status).toBe(401);
    expect((await owner.login()).status).toBe(200);
  });
});
