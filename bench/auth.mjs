// What signing in, being signed in and refreshing cost, beside what is unavoidable; and what may not be observable.
import http from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import argon2 from 'argon2';
import { Client } from 'pg';
import { percentile } from '../dist/cli/eval/metrics.js';
import { migratedEnvironment } from './lib/postgres.mjs';
import { getRate, send, Session } from './lib/sessions.mjs';

const CLIENTS = 8;
const FLOOD = 300;
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
/** Guesses at an account before it has to be waited. */
const FREE_GUESSES = 9;

const newAccount = () => ({
  email: `${randomUUID()}@example.com`,
  password: `Vq7-${randomBytes(18).toString('base64url')}`,
});
/** A client behind a proxy of its own; the servers here trust one. */
let clients = 0;
const address = () => {
  clients++;
  return { 'x-forwarded-for': `10.${(clients >> 16) & 255}.${(clients >> 8) & 255}.${clients & 255}` };
};

async function register(base) {
  const account = newAccount();
  const { status, body } = await send(base, '/auth/register', { method: 'POST', body: account });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  return account;
}

/** Runs `task` from so many lanes until the time is over; how often it was done per second. */
async function rate(lanes, seconds, task) {
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  let done = 0;
  const lane = async (index) => {
    while (performance.now() < until) {
      await task(index);
      done++;
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, index) => lane(index)));
  return done / ((performance.now() - startedAt) / 1000);
}

async function logins(context, base, seconds) {
  const account = await register(base);
  const hash = await argon2.hash(account.password, PARAMETERS);
  const agent = new http.Agent({ keepAlive: true });
  const slices = { bare: [], http: [] };
  // In turns, so that a machine that gets slower does so for both.
  for (let turn = 0; turn < 3; turn++) {
    context.status.show('password logins', `${turn + 1}`);
    slices.bare.push(await rate(CLIENTS, seconds / 3, () => argon2.verify(hash, account.password)));
    slices.http.push(await rate(CLIENTS, seconds / 3, () => new Session(base, agent).signIn(account)));
  }
  agent.destroy();
  const bare = percentile(slices.bare, 0.5);
  const overHttp = percentile(slices.http, 0.5);
  return [
    { figure: `password logins, ${CLIENTS} clients`, value: overHttp, unit: '/s' },
    { figure: `bare argon2 verifies, ${CLIENTS} at a time`, value: bare, unit: '/s' },
    { figure: 'logins ÷ bare verifies', value: overHttp / bare, wanted: { min: 0.75 } },
    {
      figure: 'a login beside its hash',
      value: 1000 / overHttp - 1000 / bare,
      unit: 'ms of both processors',
    },
  ];
}

async function flood(context, base) {
  context.status.show(`health during ${FLOOD} logins at once`);
  const account = await register(base);
  const agent = new http.Agent({ keepAlive: true });
  let running = true;
  const probes = [];
  const probe = (async () => {
    while (running) probes.push((await send(base, '/health/live', { agent })).ms);
  })();
  const attempt = () => send(base, '/auth/login', { method: 'POST', body: account, headers: address() });
  const answers = await Promise.all(Array.from({ length: FLOOD }, attempt));
  running = false;
  await probe;
  agent.destroy();
  const count = (status) => answers.filter((answer) => answer.status === status).length;
  const others = answers.filter(({ status }) => ![200, 503].includes(status));
  if (others.length) throw new Error(`a login in the flood answered ${others[0].status}`);
  return [
    {
      figure: `p99 of /health/live in a flood of ${FLOOD} logins`,
      value: percentile(probes, 0.99),
      unit: `ms (${probes.length} probes)`,
      wanted: { max: 50 },
    },
    { figure: 'logins of the flood: signed in, told to come back', value: `${count(200)}, ${count(503)}` },
  ];
}

async function signedIn(context, base, seconds) {
  const session = await new Session(base).signIn(await register(base));
  const rates = { me: [], bare: [] };
  await getRate(base, '/auth/me', { headers: session.authorization, seconds: 1 });
  await getRate(base, '/health/live', { seconds: 1 });
  for (let turn = 0; turn < 5; turn++) {
    context.status.show('GET /auth/me', `${turn + 1}`);
    rates.me.push(await getRate(base, '/auth/me', { headers: session.authorization, seconds: seconds / 5 }));
    rates.bare.push(await getRate(base, '/health/live', { seconds: seconds / 5 }));
  }
  const [me, bare] = [percentile(rates.me, 0.5), percentile(rates.bare, 0.5)];
  return [
    { figure: 'GET /auth/me', value: me, unit: '/s' },
    { figure: 'GET /health/live, public', value: bare, unit: '/s' },
    { figure: '/auth/me ÷ public route', value: me / bare, wanted: { min: 0.7 } },
  ];
}

async function races(context, base, rounds) {
  const session = await new Session(base).signIn(await register(base));
  const successor = ({ headers }) => /refresh_token=([\w-]+)/.exec(String(headers['set-cookie']))?.[1];
  let [logouts, forks] = [0, 0];
  for (let round = 0; round < rounds; round++) {
    if (round % 50 === 0) context.status.show('refresh races', `${round} of ${rounds}`);
    const answers = await Promise.all([1, 2, 3].map(() => session.refresh({ keep: false })));
    logouts += answers.filter(({ status }) => status !== 200).length;
    if (new Set(answers.map(successor)).size !== 1) forks++;
    session.keep(answers[round % 3]);
  }
  return [
    { figure: `signed out in ${rounds} refresh races of three`, value: logouts, wanted: { max: 0 } },
    { figure: 'races with more than one live generation', value: forks, wanted: { max: 0 } },
  ];
}

/** How well one population of times is told from another: 0.5 is not at all, 1 is always. */
function separability(a, b) {
  const all = [...a.map((ms) => ({ ms, of: 'a' })), ...b.map((ms) => ({ ms, of: 'b' }))];
  all.sort((x, y) => x.ms - y.ms);
  const ranks = all.reduce((sum, { of }, index) => (of === 'a' ? sum + index + 1 : sum), 0);
  const area = (ranks - (a.length * (a.length + 1)) / 2) / (a.length * b.length);
  return Math.max(area, 1 - area);
}

async function enumeration(context, base, pairs) {
  const accounts = [];
  for (let i = 0; i < Math.ceil(pairs / FREE_GUESSES); i++) accounts.push(await register(base));
  const agent = new http.Agent({ keepAlive: true });
  const guess = async (email) => {
    const body = { email, password: 'not the password at all' };
    const answer = await send(base, '/auth/login', { method: 'POST', body, headers: address(), agent });
    if (answer.status !== 401) throw new Error(`a guess answered ${answer.status}`);
    return answer.ms;
  };
  const times = { known: [], unknown: [] };
  for (let i = 0; i < pairs; i++) {
    if (i % 20 === 0) context.status.show('known and unknown accounts', `${i} of ${pairs}`);
    const known = accounts[i % accounts.length].email;
    // In either order, so that neither always runs on what the other left warm.
    const order = i % 2 ? ['known', 'unknown'] : ['unknown', 'known'];
    for (const kind of order) times[kind].push(await guess(kind === 'known' ? known : newAccount().email));
  }
  agent.destroy();
  const median = (list) => percentile(list, 0.5);
  return [
    { figure: 'login of an unknown account, median', value: median(times.unknown), unit: 'ms' },
    { figure: 'wrong password of a known one, median', value: median(times.known), unit: 'ms' },
    {
      figure: `chance to tell them apart by time (${pairs} each; 0.5 is none)`,
      value: separability(times.known, times.unknown),
      // Three standard errors of what chance gives with 200 of each.
      wanted: { max: 0.59 },
    },
  ];
}

async function refreshes(context, base, database, seconds) {
  const account = await register(base);
  const agent = new http.Agent({ keepAlive: true });
  const sessions = [];
  for (let i = 0; i < 2 * CLIENTS; i++) sessions.push(await new Session(base, agent).signIn(account));
  const written = async () => {
    // Another connection reports its counts a moment later.
    await sleep(1500);
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

async function onPostgres(context, databaseUrl, cut) {
  const env = {
    ...migratedEnvironment(databaseUrl),
    REGISTRATION: 'open',
    REQUIRE_EMAIL_VERIFICATION: 'off',
    ADMIN_PASSWORD: newAccount().password,
  };
  const database = new Client(databaseUrl);
  await database.connect();
  try {
    return await context.withServer({ model: false, env }, async (first) =>
      context.withServer({ model: false, env }, async (second) => {
        // Both were started with the same first administrator.
        first.admin.password = env.ADMIN_PASSWORD;
        return [
          ...(await refreshes(context, first.base, database, cut(10))),
          ...(await revocation(context, [first, second], database, Math.ceil(cut(20)))),
        ];
      }),
    );
  } finally {
    await database.end();
  }
}

export async function run(context) {
  /** BENCH_LIMIT cuts this, too. */
  const cut = (amount) => (Number.isFinite(context.limit) ? Math.max(1, amount / 10) : amount);
  const env = { TRUST_PROXY: '1', REQUIRE_EMAIL_VERIFICATION: 'off' };
  const rows = await context.withServer({ model: false, env }, async ({ base }) => [
    ...(await logins(context, base, cut(30))),
    ...(await flood(context, base)),
    ...(await signedIn(context, base, cut(20))),
    ...(await races(context, base, Math.ceil(cut(500)))),
    ...(await enumeration(context, base, Math.ceil(cut(200)))),
  ]);
  const databaseUrl = process.env.BENCH_DATABASE_URL;
  if (databaseUrl) return [...rows, ...(await onPostgres(context, databaseUrl, cut))];
  return [
    ...rows,
    { figure: 'refreshes, revocation over two processes', value: 'not run: BENCH_DATABASE_URL' },
  ];
}
