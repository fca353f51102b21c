import { newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser, newEmail } from '../support/browser.js';
import { lastMail, mailsTo, outbox, tokenIn } from '../support/mails.js';

const INVITED = /You are invited/;

describe('a grant to an e-mail address', () => {
  let app: TestApp;
  let owner: Browser;
  let collection: string;
  beforeAll(async () => {
    app = await startTestApp();
    owner = await Browser.signedUp(app);
    collection = (await owner.post('/collections', { body: { name: 'shared' } })).body.id;
  });
  afterAll(() => app?.close());

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

  test('is for those who manage the collection', async () => {
    const reader = await Browser.signedUp(app);
    await grant(reader.account.email, 'write');
    const email = newEmail();
    expect((await grant(email, 'read', reader)).status).toBe(403);
    expect((await grant(email, 'read', await Browser.signedUp(app))).status).toBe(404);
    expect(await app.source.query('select 1 from users where email = $1', [email])).toEqual([]);
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
