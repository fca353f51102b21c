import { randomBytes } from 'node:crypto';
import { migrate, newDatabase, startServer, type ServerDatabase, type ServerProcess } from './support.js';

const FREE_GUESSES = 10;
const ROUNDS = 50;
/** What is taken away on one process is gone on the others within this time. */
const WITHIN_MS = 1000;

interface Answer {
  status: number;
  body: { access_token?: string; csrf_token?: string; roles?: string[]; code?: string };
  refreshToken: string | undefined;
  cookies: string;
}

describe('two processes on one database', () => {
  let database: ServerDatabase;
  let processes: [ServerProcess, ServerProcess];
  const accounts = new Map<string, string>();

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    const env = { ...database.env, PROCESS_ROLE: 'api', REQUIRE_EMAIL_VERIFICATION: 'off' };
    processes = [await startServer(env), await startServer(env)];
  });
  afterAll(async () => {
    await Promise.all((processes ?? []).map((server) => server.stop()));
    await database?.drop();
  });

  async function ask(
    { url }: ServerProcess,
    path: string,
    sent: { body?: object; headers?: Record<string, string>; method?: string } = {},
  ): Promise<Answer> {
    const response = await fetch(`${url}${path}`, {
      method: sent.method ?? 'POST',
      headers: { ...(sent.body ? { 'content-type': 'application/json' } : {}), ...sent.headers },
      ...(sent.body ? { body: JSON.stringify(sent.body) } : {}),
    });
    const set = response.headers.getSetCookie().map((line) => line.split(';', 1)[0] ?? '');
    return {
      status: response.status,
      body: (await response.json()) as Answer['body'],
      refreshToken: set.find((pair) => pair.startsWith('refresh_token='))?.slice('refresh_token='.length),
      cookies: set.join('; '),
    };
  }
  async function newAccount(): Promise<{ email: string; password: string }> {
    const account = {
      email: `${randomBytes(6).toString('hex')}@example.com`,
      password: `Vq7-${randomBytes(18).toString('base64url')}`,
    };
    expect((await ask(processes[0], '/auth/register', { body: account })).status).toBe(201);
    accounts.set(account.email, account.password);
    return account;
  }
  const login = (server: ServerProcess, account: object): Promise<Answer> =>
    ask(server, '/auth/login', { body: account });
  const me = (server: ServerProcess, { body }: Answer): Promise<Answer> =>
    ask(server, '/auth/me', { method: 'GET', headers: { authorization: `Bearer ${body.access_token}` } });
  const refresh = (server: ServerProcess, { cookies, body }: Answer): Promise<Answer> =>
    ask(server, '/auth/refresh', { headers: { cookie: cookies, 'x-csrf-token': body.csrf_token ?? '' } });

  const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, WITHIN_MS));

  test('guesses at one process are guesses at the other', async () => {
    const { email } = await newAccount();
    // The wait that the guesses begin must not be over before the last of them is answered.
    let over = false;
    const held = (async () => {
      while (!over) {
        await database.source.query(
          `update rate_limits set expire = expire + 600000 where key like 'account.turn%' and expire < $1`,
          [Date.now() + 300_000],
        );
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    })();
    const guesses = await Promise.all(
      Array.from({ length: 40 }, (_, i) =>
        login(processes[i % 2 === 0 ? 0 : 1], { email, password: 'not the password at all' }),
      ),
    ).finally(() => (over = true));
    await held;
    expect(guesses.filter(({ status }) => status === 401)).toHaveLength(FREE_GUESSES + 1);
    expect(guesses.filter(({ status }) => status === 429)).toHaveLength(40 - FREE_GUESSES - 1);
    for (const server of processes)
      expect((await login(server, { email, password: accounts.get(email) })).status).toBe(429);
  });

  test(`a refresh at each at once, ${ROUNDS} rounds: both get the same token, and it works at both`, async () => {
    let session = await login(processes[0], await newAccount());
    for (let round = 0; round < ROUNDS; round++) {
      const answers = await Promise.all(processes.map((server) => refresh(server, session)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200]);
      expect(answers[0]?.refreshToken).toBe(answers[1]?.refreshToken);
      session = answers[round % 2] ?? session;
    }
    for (const server of processes) expect((await me(server, session)).status).toBe(200);
  });

  test('what ends on one is over on the other within a second', async () => {
    const [here, there] = processes;
    const account = await newAccount();
    const ends: [string, (session: Answer) => Promise<unknown>][] = [
      [
        'logout',
        ({ body }) =>
          ask(here, '/auth/logout', { headers: { authorization: `Bearer ${body.access_token}` } }),
      ],
      [
        'disabled',
        () => database.source.query('update users set is_active = false where email = $1', [account.email]),
      ],
    ];
    for (const [why, end] of ends) {
      const session = await login(here, account);
      // What the other process knows is as fresh as it can be.
      expect((await me(there, session)).status).toBe(200);
      await end(session);
      await later();
      expect([why, (await me(there, session)).status]).toEqual([why, 401]);
    }
  });

  test('a role that was taken away is gone on both within a second', async () => {
    // Beside the first administrator: the database keeps the last one.
    const account = await newAccount();
    await database.source.query(
      `insert into user_roles (user_id, role_id) select u.id, r.id from users u, roles r
       where u.email = $1 and r.name = 'admin'`,
      [account.email],
    );
    const sessions = await Promise.all(processes.map((server) => login(server, account)));
    for (const [i, server] of processes.entries())
      expect((await me(server, sessions[i]!)).body.roles).toContain('admin');
    await database.source.query(
      `delete from user_roles where role_id = (select id from roles where name = 'admin')
       and user_id = (select id from users where email = $1)`,
      [account.email],
    );
    await later();
    for (const [i, server] of processes.entries())
      expect((await me(server, sessions[i]!)).body.roles).toEqual(['user']);
  });
});
