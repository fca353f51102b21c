import {
  admin,
  eventually,
  migrate,
  newDatabase,
  startServer,
  type ServerDatabase,
  type ServerProcess,
} from './support.js';

/** What is revoked at one process is refused by all others after this time. */
const WITHIN_MS = 1000;

describe('access over several processes on PostgreSQL', () => {
  let database: ServerDatabase;
  const running: ServerProcess[] = [];
  let one: ServerProcess;
  let two: ServerProcess;
  let token: string;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    one = await startServer({ ...database.env, PROCESS_ROLE: 'api' });
    running.push(one);
    two = await startServer({ ...database.env, PROCESS_ROLE: 'api' });
    running.push(two);
    const signedIn = await send(one, undefined, 'POST', '/auth/login', admin);
    token = ((await signedIn.json()) as { access_token: string }).access_token;
  });
  afterAll(async () => {
    await Promise.all(running.map((server) => server.stop()));
    await database?.drop();
  });

  function send(
    { url }: ServerProcess,
    bearer: string | undefined,
    method: string,
    path: string,
    body?: object,
  ): Promise<Response> {
    const headers: Record<string, string> = body ? { 'content-type': 'application/json' } : {};
    if (bearer) headers['authorization'] = `Bearer ${bearer}`;
    return fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
  }

  const newKey = async (scopes: string[]): Promise<{ id: string; key: string }> => {
    const made = await send(one, token, 'POST', '/auth/api-keys', { name: 'x', scopes });
    expect(made.status).toBe(201);
    return (await made.json()) as { id: string; key: string };
  };

  /** Keeps asking, so that what is remembered is as fresh as it gets; how late the last accepted request was sent. */
  async function lastAccepted(
    credential: string,
    path: string,
    change: () => Promise<void>,
  ): Promise<number> {
    await eventually('it is accepted', 60, async () =>
      (await send(two, credential, 'GET', path)).status === 200 ? true : undefined,
    );
    await change();
    const changed = performance.now();
    for (let accepted = 0; ;) {
      const asked = performance.now() - changed;
      if ((await send(two, credential, 'GET', path)).status !== 200) return accepted;
      accepted = asked;
      if (asked > 60_000) throw new Error('still not refused');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  test('a revoked key is refused by the other process within a second', async () => {
    const made = await newKey(['rag:query']);
    const took = await lastAccepted(made.key, '/rag/secure-info', async () => {
      expect((await send(one, token, 'DELETE', `/auth/api-keys/${made.id}`)).status).toBe(204);
    });
    expect(took).toBeLessThanOrEqual(WITHIN_MS);
  });

  test('an administrator who is demoted loses the way in, also by key, within a second', async () => {
    const { key } = await newKey(['admin:read']);
    const [role] = await database.source.query(
      `select ur.* from user_roles ur join roles r on r.id = ur.role_id where r.name = 'admin'`,
    );
    // The database keeps the last administrator, so there has to be another one.
    await database.source.query(
      `with other as (
         insert into users (id, email, password_hash) values (gen_random_uuid(), 'other@example.com', 'x') returning id)
       insert into user_roles (user_id, role_id) select id, $1 from other`,
      [role.role_id],
    );
    for (const credential of [token, key]) {
      const took = await lastAccepted(credential, '/admin/dashboard', async () => {
        await database.source.query('delete from user_roles where role_id = $1 and user_id = $2', [
          role.role_id,
          role.user_id,
        ]);
      });
      expect(took).toBeLessThanOrEqual(WITHIN_MS);
      await database.source.query('insert into user_roles values ($1, $2)', [role.user_id, role.role_id]);
    }
  });

  test('the audit log takes no change from the role of the application', async () => {
    const [count] = await database.source.query('select count(*)::int as n from audit_events');
    expect(count.n).toBeGreaterThan(0);
    for (const sql of [
      `update audit_events set action = 'x'`,
      'delete from audit_events',
      'truncate audit_events',
      'delete from audit_events where false',
    ])
      await expect(database.source.query(sql)).rejects.toThrow('append-only');
  });

  test('a role with insert and select alone can work with the log, and its job drops months', async () => {
    const role = `app_${Date.now().toString(36)}`;
    await database.source.query(`create role ${role}`);
    try {
      await database.source.query(`grant insert, select on audit_events to ${role}`);
      await database.source.query(`select audit_make_month('2001-02-03')`);
      await database.source.transaction(async (transaction) => {
        await transaction.query(`set local role ${role}`);
        await transaction.query(
          `insert into audit_events (id, at, action) values (gen_random_uuid(), '2001-02-03', 'test.role')`,
        );
        await transaction.query(`select audit_make_month('2001-03-03')`);
        const dropped = await transaction.query(`select audit_drop_months('2001-03-01') as name`);
        expect(dropped).toEqual([{ name: 'audit_events_2001_02' }]);
      });
      await database.source
        .transaction(async (transaction) => {
          await transaction.query(`set local role ${role}`);
          await expect(transaction.query('drop table audit_events')).rejects.toThrow('must be owner');
        })
        .catch(() => undefined);
    } finally {
      await database.source.query(`drop owned by ${role}`);
      await database.source.query(`drop role ${role}`);
    }
  });
});
