// Servers on a PostgreSQL of their own: an empty database with the `vector` extension, named by BENCH_DATABASE_URL or
// made on a server program that is found here (POSTGRES_BIN names the folder of one).
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { findPostgres, startPostgres } from '../../test/server/postgres.mjs';

const SECRETS = ['JWT_SECRET', 'REFRESH_SECRET', 'CSRF_SECRET', 'DATA_ENCRYPTION_KEY'];

/** The environment of servers on this database, which is migrated first; the same for all of them. */
export function migratedEnvironment(databaseUrl) {
  const secret = () => randomBytes(48).toString('base64url');
  const env = {
    DATABASE_URL: databaseUrl,
    COOKIE_SECURE: 'off',
    ...Object.fromEntries(SECRETS.map((name) => [name, secret()])),
  };
  const migrate = path.resolve(import.meta.dirname, '../../dist/cli/migrate.js');
  const migrated = spawnSync(process.execPath, [migrate, 'run'], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  if (migrated.status !== 0) throw new Error(`migrations: ${migrated.stderr.trim()}`);
  return env;
}

/** Runs `work` with the address of a copy of an empty database, which goes afterwards: several can follow each other. */
export async function withCopy(databaseUrl, work) {
  const name = `bench_${randomBytes(6).toString('hex')}`;
  const url = new URL(databaseUrl);
  const template = decodeURIComponent(url.pathname.slice(1));
  await administer(url, `create database ${name} template "${template}"`);
  url.pathname = `/${name}`;
  try {
    return await work(url.href);
  } finally {
    await administer(new URL(databaseUrl), `drop database ${name} with (force)`);
  }
}

/** A database that is copied must have no connection: the statement comes from another one. */
async function administer(databaseUrl, statement) {
  const url = new URL(databaseUrl);
  url.pathname = url.pathname === '/template1' ? '/postgres' : '/template1';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Runs `work` with the address of an empty database; undefined where there is none to be had. */
export async function withPostgres(work) {
  if (process.env.BENCH_DATABASE_URL) return work(process.env.BENCH_DATABASE_URL);
  const { withVector } = findPostgres();
  if (!withVector) return undefined;
  const server = await startPostgres(withVector);
  try {
    return await work(`${server.url}/postgres`);
  } finally {
    await server.stop();
  }
}
