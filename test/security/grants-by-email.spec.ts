import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail, mailsTo, outbox, tokenIn } from '../support/mails.js';

const INVITED = /You are invited/;

describe('a grant to an e-mail address', () => {
  let app: TestApp;
  let owner: Browser;
  let collection: string;
  beforeAll(async () => {
    app = await startTestApp({ SHARES_NEED_PROOF: 'on' });
    owner = await Browser.signedUp(app);
    collection = (await owner.post('/collections', { body: { name: 'shared' } })).body.id;
  });
  afterAll(() => app?.close());

  /** Registered, and told so: what was asked for then would replace the token of a mail that came before. */
  const registered = async (): Promise<Browser> => {
    const browser = await Browser.signedUp(app);
    await mailsTo(app, browser.account.email, /^Confirm your address$/);
    return browser;
  };
  const grant = (email: string, access = 'read', by = owner) =>
    by.put(`/collections/${collection}/grants`, { body: { subject: `email:${email}`, access } });

  test('answers alike whether or not there is an account, disabled ones included', async () => {
    const known = await Browser.signedUp(app);
    const disabled = await Browser.signedUp(app);
    await app.source.query('update users set is_active = false where email = $1', [disabled.account.email]);
    const unknown = newEmail();
    const shapes = [];
    for (const email of [known.account.email, disabled.account.email, unknown, unknown.toUpperCase()]) {
      const { status, body, headers } = await grant(email);
      expect(body).toEqual({
        id: expect.any(String),
        subject: expect.stringMatching(/^user:[0-9a-f-]{36}$/),
        email: email.toLowerCase(),
        access: 'read',
        created_at: expect.any(String),
      });
      shapes.push(JSON.stringify([status, Object.keys(body), Object.keys(headers).toSorted()]));
    }
    expect(new Set(shapes).size).toBe(1);
    const { items } = (await owner.get(`/collections/${collection}/grants`)).body;
    expect(items).toHaveLength(3);
    await mailsTo(app, unknown, INVITED, 1);
    for (const email of [known.account.email, disabled.account.email])
      expect(outbox(app).filter((mail) => mail.to === email && INVITED.test(mail.subject))).toEqual([]);
  });

  test.each([
    'bob@example,com',
    'bob@-',
    '<bob@x',
    'bob@x>',
    'bob',
    '@example.com',
    'bob@@example.com',
    'bob smith@example.com',
    `${'b'.repeat(64)}@${'x'.repeat(60)}.${'y'.repeat(60)}.${'z'.repeat(60)}.example.com`,
    `bob@${'x'.repeat(300)}`,
  ])('wants an address, and makes no account for %s', async (email) => {
    const users = async (): Promise<number> =>
      (await app.source.query<unknown[]>('select from users')).length;
    const before = await users();
    const { status, body } = await grant(email);
    expect([status, body]).toMatchObject([
      400,
      { code: 'validation_failed', errors: [{ field: 'subject' }] },
    ]);
    expect(await users()).toBe(before);
  });

  test('takes every address that one can register', async () => {
    for (const email of [`${newEmail().split('@')[0]}@localhost`, ` ${newEmail().toUpperCase()} `]) {
      const { status, body } = await grant(email);
      expect([status, body.email]).toEqual([200, email.trim().toLowerCase()]);
    }
  });

  test('lets the invited in once they chose a password, and not before', async () => {
    const email = newEmail();
    await grant(email);
    const account = { email, password: newPassword() };
    expect((await new Browser(app, account).login()).status).toBe(401);
    const token = tokenIn(await lastMail(app, email, INVITED));
    const body = { token, password: account.password };
    expect((await owner.post('/auth/invitations/accept', { body, anonymous: true })).status).toBe(200);
    const guest = await new Browser(app, account).signedIn();
    expect((await guest.get(`/collections/${collection}`)).body.access).toBe('read');
    expect((await guest.get('/documents')).status).toBe(200);
  });

  describe('to an account that never proved its address', () => {
    const SHARED = /something was shared/;
    const reads = async (browser: Browser): Promise<number> =>
      (await browser.get(`/collections/${collection}`)).status;
    const found = async (browser: Browser): Promise<number> =>
      (await browser.post('/rag/rag_query', { body: { query: 'periwinkle' } })).body.results.length;
    beforeAll(async () => {
      const body = { doc_id: 'ledger', text: 'the periwinkle ledger', collection_id: collection };
      expect((await owner.post('/rag/add_document', { body })).status).toBe(200);
    });

    test('opens nothing to whoever registered it, on any way, until the address is proved', async () => {
      const squatter = await registered();
      const { key } = (
        await squatter.post('/auth/api-keys', { body: { name: 'k', scopes: ['collections:read'] } })
      ).body;
      const { body } = await grant(squatter.account.email, 'manage');
      expect(body).toMatchObject({ access: 'manage', email: squatter.account.email });
      expect([await reads(squatter), await found(squatter)]).toEqual([404, 0]);
      expect((await app.http().get(`/collections/${collection}`).set('X-API-Key', key)).status).toBe(404);
      expect((await squatter.get('/collections')).body.items).toHaveLength(1);
      expect(
        (
          await squatter.put(`/collections/${collection}/grants`, {
            body: { subject: `user:${(await squatter.me()).body.id}`, access: 'manage' },
          })
        ).status,
      ).toBe(404);
      // The mail that the grant sent lets the owner of the address in, and only the owner.
      const token = tokenIn(await lastMail(app, squatter.account.email, SHARED));
      const answer = await owner.post('/auth/email/verify', { body: { token }, anonymous: true });
      expect(answer.body).toEqual({ status: 'verified', password_reset_required: true });
      expect((await squatter.me()).status).toBe(401);
      const reset = tokenIn(await lastMail(app, squatter.account.email, /new password/));
      const account = { email: squatter.account.email, password: newPassword() };
      const chosen = await owner.post('/auth/password/reset', {
        body: { token: reset, new_password: account.password },
        anonymous: true,
      });
      expect([chosen.status, chosen.body.code]).toEqual([200, undefined]);
      const rightful = await new Browser(app, account).signedIn();
      expect([await reads(rightful), await found(rightful)]).toEqual([200, 1]);
    });

    test('opens at once to its user who proves it', async () => {
      const user = await registered();
      await grant(user.account.email);
      expect([await reads(user), await found(user)]).toEqual([404, 0]);
      const token = tokenIn(await lastMail(app, user.account.email, SHARED));
      const answer = await user.post('/auth/email/verify', { body: { token } });
      expect(answer.body).toEqual({ status: 'verified', password_reset_required: false });
      expect([await reads(user), await found(user)]).toEqual([200, 1]);
      // Whoever has proved it needs no mail.
      await grant(user.account.email, 'write');
      expect((await user.get(`/collections/${collection}`)).body.access).toBe('write');
      expect(
        outbox(app).filter(({ to, subject }) => to === user.account.email && SHARED.test(subject)),
      ).toHaveLength(1);
    });

    test('does not go along to another address that the account then proves', async () => {
      const squatter = await registered();
      const given = await grant(squatter.account.email);
      const another = newEmail();
      await squatter.post('/auth/email/change', { body: { email: another } });
      const token = tokenIn(await lastMail(app, another, /new address/));
      expect((await squatter.post('/auth/email/change/confirm', { body: { token } })).status).toBe(200);
      expect((await squatter.me()).body).toMatchObject({ email: another, email_verified: true });
      expect([await reads(squatter), await found(squatter)]).toEqual([404, 0]);
      const rows = await app.source.query(
        `select details from audit_events where action = 'grant.taken_back' and details->>'grant' = $1`,
        [given.body.id],
      );
      expect(rows).toEqual([{ details: expect.objectContaining({ because: 'email.changed' }) }]);
    });

    test('is another one than to the account by its id, which counts at once', async () => {
      const user = await Browser.signedUp(app);
      const { id } = (await user.me()).body;
      const body = { subject: `user:${id}`, access: 'read' };
      expect((await owner.put(`/collections/${collection}/grants`, { body })).status).toBe(200);
      expect([await reads(user), await found(user)]).toEqual([200, 1]);
    });
  });

  test('of an address that was proved stays when the account changes it, and names the one it was given to', async () => {
    const user = await (await Browser.signedUp(app)).proven();
    const { email } = user.account;
    const { id } = (await grant(email)).body;
    const another = newEmail();
    await user.post('/auth/email/change', { body: { email: another } });
    const token = tokenIn(await lastMail(app, another, /new address/));
    expect((await user.post('/auth/email/change/confirm', { body: { token } })).status).toBe(200);
    expect((await user.get(`/collections/${collection}`)).status).toBe(200);
    const { items } = (await owner.get(`/collections/${collection}/grants?limit=100`)).body;
    expect(items.find((item: { id: string }) => item.id === id)).toMatchObject({ email });
  });

  test('is for those who manage the collection', async () => {
    const reader = await (await Browser.signedUp(app)).proven();
    await grant(reader.account.email, 'write');
    const email = newEmail();
    expect((await grant(email, 'read', reader)).status).toBe(403);
    expect((await grant(email, 'read', await Browser.signedUp(app))).status).toBe(404);
    expect(await app.source.query('select 1 from users where email = $1', [email])).toEqual([]);
  });

  test('is counted also where many come at once', async () => {
    const giver = await Browser.signedUp(app);
    const own = (await giver.get('/collections')).body.items[0].id as string;
    await app.source.query(
      `insert into audit_events (id, at, action, actor_id, details)
       select gen_random_uuid(), now(), 'grant.given', $1, '{"by": "email"}' from generate_series(1, 95)`,
      [(await giver.me()).body.id],
    );
    const answers = await Promise.all(
      Array.from({ length: 20 }, () =>
        giver.put(`/collections/${own}/grants`, { body: { subject: `email:${newEmail()}`, access: 'read' } }),
      ),
    );
    const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b);
    expect(statuses).toEqual([...Array<number>(5).fill(200), ...Array<number>(15).fill(429)]);
  });

  test('cannot be used to send mails to the whole world, nor to count accounts by', async () => {
    const { id } = (await owner.me()).body;
    await app.source.query(
      `insert into audit_events (id, at, action, actor_id, details)
       select gen_random_uuid(), now(), 'grant.given', $1, '{"by": "email"}' from generate_series(1, 100)`,
      [id],
    );
    const known = await Browser.signedUp(app);
    for (const email of [known.account.email, newEmail()]) {
      const { status, body, headers } = await grant(email);
      expect([status, body.code]).toEqual([429, 'too_many_requests']);
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    const { id: knownId } = (await known.me()).body;
    const direct = { subject: `user:${knownId}`, access: 'read' };
    expect((await owner.put(`/collections/${collection}/grants`, { body: direct })).status).toBe(200);
  });
});
