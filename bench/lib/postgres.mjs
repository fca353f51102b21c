// Servers on a PostgreSQL of their own: an empty database with the `vector` extension, named by BENCH_DATABASE_URL.
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';

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
