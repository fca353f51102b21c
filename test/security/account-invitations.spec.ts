import { Invitations } from '../../src/auth/accounts/invitations.service.js';
import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail, mailsTo, outbox, tokenIn } from '../support/mails.js';

const ROUNDS = 50;

describe('invitations', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  const invite = (email: string, roles: string[] = []) =>
    app.source.transaction((transaction) =>
      app.app.get(Invitations, { strict: false }).invite(transaction, {
        email,
        roles,
        invitedBy: '00000000-0000-4000-8000-000000000000',
        client: { ip: null, requestId: 'test' },
      }),
    );
  const accept = (token: string, password = newPassword(), more: object = {}) =>
    app
      .http()
      .post('/auth/invitations/accept')
      .send({ token, password, ...more });
  const invited = async (count = 1): Promise<{ email: string; token: string; userId: string }> => {
    const email = newEmail();
    let userId = '';
    for (let n = 0; n < count; n++) ({ userId } = await invite(email));
    return { email, userId, token: tokenIn(await lastMail(app, email, /invited/, count)) };
  };

  test('whoever reads the mail chooses the password; nobody could sign in before', async () => {
    const email = newEmail();
    const { created } = await invite(email, ['admin']);
    expect(created).toBe(true);
    for (const password of ['!', '', 'x'.repeat(20)])
      expect((await app.http().post('/auth/login').send({ email, password })).status).not.toBe(200);
    const mail = await lastMail(app, email, /invited/);
    expect(mail.text).toContain('http://localhost:8000/accept-invitation#token=');
    const password = newPassword();
    const answer = await accept(tokenIn(mail), password, { full_name: 'Ada Lovelace', username: 'ada' });
    expect([answer.status, answer.body]).toEqual([200, { status: 'accepted' }]);
    const browser = await new Browser(app, { email, password }).signedIn();
    expect((await browser.me()).body).toMatchObject({
      email,
      username: 'ada',
      full_name: 'Ada Lovelace',
      email_verified: true,
      roles: ['admin', 'user'],
    });
  });

  test('the token is kept only as a hash, and the mail leaves the database', async () => {
    const { token } = await invited();
    for (const table of ['account_tokens', 'outgoing_mails', 'pgboss.job', 'audit_events']) {
      const rows = await app.source.query(`select row_to_json(t)::text as row from ${table} t`);
      expect(JSON.stringify(rows)).not.toContain(token);
    }
  });

  test('works once', async () => {
    const { token } = await invited();
    expect((await accept(token)).status).toBe(200);
    const again = await accept(token);
    expect([again.status, again.body.code]).toEqual([400, 'invalid_token']);
  });

  test(`two parallel uses, ${ROUNDS} rounds: one wins, and its password is the one that works`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const email = newEmail();
      await invite(email);
      // As the mail would bring it, without waiting for it: the hash in the database is replaced by that of a known one.
      const token = `${String(round).padStart(3, '0')}${'r'.repeat(24)}`;
      await app.source.query(
        `update account_tokens set token_hash = sha256(convert_to('account token invitation ' || $2, 'UTF8'))
         where email = $1`,
        [email, token],
      );
      const passwords = [newPassword(), newPassword()];
      const answers = await Promise.all(passwords.map((password) => accept(token, password)));
      expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 400]);
      const winner = answers.findIndex(({ status }) => status === 200);
      if (round % 10 > 0) continue;
      for (const [n, password] of passwords.entries())
        expect((await app.http().post('/auth/login').send({ email, password })).status).toBe(
          n === winner ? 200 : 401,
        );
    }
  });

  test('the newest replaces those before', async () => {
    const { email, token } = await invited(2);
    const [first] = await mailsTo(app, email, /invited/, 2);
    if (!first) throw new Error('no mail');
    expect((await accept(tokenIn(first))).status).toBe(400);
    expect((await accept(token)).status).toBe(200);
  });

  test.each([
    ['its time is over', `update account_tokens set expires_at = now() where user_id = $1`],
    ['the account has another address', `update users set email = 'moved-' || email where id = $1`],
    ['the account is disabled', `update users set is_active = false where id = $1`],
    ['it is for something else', `update account_tokens set purpose = 'reset' where user_id = $1`],
  ])('is worth nothing when %s', async (_, change) => {
    const { token, userId } = await invited();
    await app.source.query(change, [userId]);
    const answer = await accept(token);
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_token']);
  });

  test.each([['x'], ['x'.repeat(27)], ['%00'], ['..%2f'], ["' or 1=1 --"], ['ä'.repeat(27)]])(
    'answers alike to what is no token: %j',
    async (token) => {
      const answer = await accept(token);
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_token']);
    },
  );

  test('a password that is refused does not use it up, nor does a username that is taken', async () => {
    await Browser.signedUp(app, { username: 'taken.name' });
    const { token } = await invited();
    expect((await accept(token, 'short')).body.code).toBe('weak_password');
    expect((await accept(token, newPassword(), { username: 'taken.name' })).body.code).toBe('username_taken');
    expect((await accept(token)).status).toBe(200);
  });

  test('an account with a password gets no invitation, and keeps its roles', async () => {
    const browser = await Browser.signedUp(app);
    const { created } = await invite(browser.account.email, ['admin']);
    expect(created).toBe(false);
    expect((await browser.me()).body.roles).toEqual(['user']);
    const { email } = await invited();
    expect(outbox(app).some((mail) => mail.to === email)).toBe(true);
    expect(
      outbox(app).some(({ to, subject }) => to === browser.account.email && /invited/.test(subject)),
    ).toBe(false);
  });
});
