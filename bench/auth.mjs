// What signing in, being signed in and refreshing cost, beside what is unavoidable; and what may not be observable.
import http from 'node:http';
import argon2 from 'argon2';
import { percentile } from '../dist/common/search/ranking-quality.js';
import { address, COUNTED_ONLY, newAccount, rate, register } from './lib/accounts.mjs';
import { onPostgres } from './lib/auth-postgres.mjs';
import { getRate, send, Session } from './lib/sessions.mjs';

const CLIENTS = 8;
const FLOOD = 300;
const PARAMETERS = { type: argon2.argon2id, memoryCost: 19 * 1024, timeCost: 2, parallelism: 1 };
/** Guesses at an account before it has to be waited. */
const FREE_GUESSES = 9;

async function logins(context, base, seconds) {
  // Nobody signs in to one account thousands of times a minute.
  const accounts = [];
  for (let client = 0; client < CLIENTS; client++) accounts.push(await register(base));
  const [{ password }] = accounts;
  const hash = await argon2.hash(password, PARAMETERS);
  const signIn = (client) => new Session(base, agent).signIn(accounts[client]);
  const agent = new http.Agent({ keepAlive: true });
  const slices = { bare: [], http: [] };
  // In turns, so that a machine that gets slower does so for both.
  for (let turn = 0; turn < 3; turn++) {
    context.status.show('password logins', `${turn + 1}`);
    slices.bare.push(await rate(CLIENTS, seconds / 3, () => argon2.verify(hash, password)));
    slices.http.push(await rate(CLIENTS, seconds / 3, signIn));
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

export async function run(context) {
  /** BENCH_LIMIT cuts this, too. */
  const cut = (amount) => (Number.isFinite(context.limit) ? Math.max(1, amount / 10) : amount);
  const env = {
    TRUST_PROXY: '1',
    PUBLIC_URL: 'http://localhost',
    REQUIRE_EMAIL_VERIFICATION: 'off',
    RATE_LIMITS: COUNTED_ONLY,
  };
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
