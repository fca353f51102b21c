import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const ROUNDS = 50;

describe('the last administrator', () => {
  let app: TestApp;
  let root: Browser;
  let rootId: string;
  beforeAll(async () => {
    app = await startTestApp();
    root = await new Browser(app, app.admin).signedIn();
    rootId = (await root.me()).body.id;
  });
  afterAll(() => app?.close());

  const admins = async (): Promise<string[]> =>
    (
      await app.source.query(
        `select u.id from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
         where r.name = 'admin' and u.is_active`,
      )
    ).map((row: { id: string }) => row.id);

  test('cannot be demoted, disabled or deleted, on any way', async () => {
    const refused = [
      await root.delete(`/admin/users/${rootId}/roles/admin`),
      await root.post(`/admin/users/${rootId}/disable`),
    ];
    for (const { status, body } of refused) expect([status, body.code]).toEqual([409, 'last_admin']);
    for (const sql of [
      `update users set is_active = false where id = '${rootId}'`,
      `update users set is_active = false`,
      `update users set password_hash = '!' where id = '${rootId}'`,
      `delete from user_roles`,
      `delete from roles where name = 'admin'`,
      `update roles set name = 'root' where name = 'admin'`,
    ])
      await expect(app.source.query(sql)).rejects.toThrow(/last administrator|belongs to the product/);
    expect(await admins()).toEqual([rootId]);
    expect((await root.get('/admin/users')).status).toBe(200);
  });

  test('is not kept by those who cannot sign in: the disabled, and the invited', async () => {
    const invited = await root.post('/admin/users', {
      body: { email: 'guest@example.com', roles: ['admin'] },
    });
    expect(invited.status).toBe(201);
    const disabled = await Browser.signedUp(app);
    const { id } = (await disabled.me()).body;
    await root.put(`/admin/users/${id}/roles/admin`);
    expect((await root.post(`/admin/users/${id}/disable`)).status).toBe(200);
    expect((await root.delete(`/admin/users/${rootId}/roles/admin`)).body.code).toBe('last_admin');
    expect((await root.post(`/admin/users/${rootId}/disable`)).body.code).toBe('last_admin');
    await root.delete(`/admin/users/${id}/roles/admin`);
    await root.delete(`/admin/users/${invited.body.id}/roles/admin`);
  });

  test(`stays when two administrators remove each other at the same moment, ${ROUNDS} rounds`, async () => {
    const second = await Browser.signedUp(app);
    const secondId = (await second.me()).body.id;
    const ways = [
      (by: Browser, id: string) => by.delete(`/admin/users/${id}/roles/admin`),
      (by: Browser, id: string) => by.post(`/admin/users/${id}/disable`),
    ] as const;
    for (let round = 0; round < ROUNDS; round++) {
      await app.source.query('update users set is_active = true where id = any($1)', [[rootId, secondId]]);
      await app.source.query(
        `insert into user_roles select u, r.id from unnest($1::uuid[]) u, roles r where r.name = 'admin' on conflict do nothing`,
        [[rootId, secondId]],
      );
      await Promise.all([root.signedIn(), second.signedIn()]);
      const [one, two] = [ways[round % 2]!, ways[(round >> 1) % 2]!];
      const answers = await Promise.all([one(root, secondId), two(second, rootId)]);
      for (const { status } of answers) expect([200, 401, 403, 409]).toContain(status);
      expect((await admins()).length).toBe(1);
    }
  });
});
