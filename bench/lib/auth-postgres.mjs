// The part of the benchmark of sign-in that needs a PostgreSQL server.
import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { COUNTED_ONLY, rate, register } from './accounts.mjs';
import { migratedEnvironment } from './postgres.mjs';
import { Session } from './sessions.mjs';

const CLIENTS = 16;

async function refreshes(context, base, database, seconds) {
  const account = await register(base);
  const agent = new http.Agent({ keepAlive: true });
  const sessions = [];
  for (let i = 0; i < CLIENTS; i++) sessions.push(await new Session(base, agent).signIn(account));
  const written = async () => {
    // A connection that falls idle reports what is left of its counts after ten seconds.
    await sleep(11_000);
    const { rows } = await database.query(
      'select sum(n_tup_ins + n_tup_upd)::int as n from pg_stat_user_tables where schemaname = $1',
      ['public'],
    );
    return rows[0].n;
  };
  context.status.show('refreshes');
  const before = await written();
  let done = 0;
  const perSecond = await rate(sessions.length, seconds, async (lane) => {
    const { status } = await sessions[lane].refresh();
    if (status !== 200) throw new Error(`a refresh answered ${status}`);
    done++;
  });
  const rows = (await written()) - before;
  agent.destroy();
  return [
    { figure: 'refreshes on PostgreSQL', value: perSecond, unit: '/s', wanted: { min: 300 } },
    // A few are due to other work of the server, such as its jobs.
    { figure: 'rows written for each', value: rows / done, wanted: { min: 0.99, max: 1.1 } },
  ];
}

/** Milliseconds from the end of `change` until the other process no longer answers with `before`. */
async function goneAfter(probe, change) {
  if (!(await probe())) throw new Error('it was gone before it was taken away');
  await change();
  const startedAt = performance.now();
  while (await probe()) {
    if (performance.now() - startedAt > 10_000) throw new Error('not seen within 10 s');
    await sleep(2);
  }
  return performance.now() - startedAt;
}

async function revocation(context, [here, there], database, rounds) {
  const account = await register(here.base);
  // The database does not let the last administrator go.
  await database.query(
    `insert into user_roles (user_id, role_id)
     select u.id, r.id from users u, roles r where u.email = $1 and r.name = 'admin'`,
    [account.email],
  );
  const agent = new http.Agent({ keepAlive: true });
  const times = { revoked: [], demoted: [] };
  for (let round = 0; round < rounds; round++) {
    context.status.show('revocation on another process', `${round + 1} of ${rounds}`);
    const session = await new Session(here.base, agent).signIn(account);
    const elsewhere = session.at(there.base);
    // Its cache is at any age when the change comes.
    await elsewhere.me();
    await sleep(Math.random() * 700);
    times.revoked.push(await goneAfter(async () => (await elsewhere.me()).status === 200, session.logout));
    const admin = await new Session(there.base, agent).signIn(here.admin);
    const isAdmin = async () => (await admin.me()).body.roles.includes('admin');
    const [{ user_id, role_id }] = (
      await database.query(
        `select ur.user_id, ur.role_id from user_roles ur join roles r on r.id = ur.role_id
         join users u on u.id = ur.user_id where r.name = 'admin' and u.email = $1`,
        [here.admin.email],
      )
    ).rows;
    await isAdmin();
    await sleep(Math.random() * 700);
    const demote = 'delete from user_roles where user_id = $1 and role_id = $2';
    times.demoted.push(await goneAfter(isAdmin, () => database.query(demote, [user_id, role_id])));
    await database.query('insert into user_roles (user_id, role_id) values ($1, $2)', [user_id, role_id]);
  }
  agent.destroy();
  const longest = (list) => Math.max(...list) / 1000;
  const wanted = { max: 1 };
  return [
    { figure: 'logout seen by another process, longest', value: longest(times.revoked), unit: 's', wanted },
    { figure: 'demotion seen by another process, longest', value: longest(times.demoted), unit: 's', wanted },
  ];
}

/** Refreshes and revocation with servers on PostgreSQL. */
export async function onPostgres(context, databaseUrl, cut) {
  const env = {
    ...migratedEnvironment(databaseUrl),
    REGISTRATION: 'open',
    REQUIRE_EMAIL_VERIFICATION: 'off',
    RATE_LIMITS: COUNTED_ONLY,
  };
  const database = new Client(databaseUrl);
  await database.connect();
  try {
    return await context.withServer({ model: false, env }, async (first) => {
      const second = context.server({ model: false, env });
      // The first one made the administrator.
      second.admin.password = first.admin.password;
      await second.start();
      try {
        return [
          ...(await refreshes(context, first.base, database, cut(10))),
          ...(await revocation(context, [first, second], database, Math.ceil(cut(20)))),
        ];
      } finally {
        await second.close();
      }
    });
  } finally {
    await database.end();
  }
}
