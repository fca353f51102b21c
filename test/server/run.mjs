// npm run test:server: the tests that need a real PostgreSQL, once on one with pgvector and once on one without,
// where ChromaDB keeps the vectors. Starts what it finds on this machine, or uses the servers it is given:
// TEST_DATABASE_URL (with pgvector), TEST_PLAIN_DATABASE_URL (without), TEST_CHROMA_URL.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { CHROMA_MISSING, chromaBinary, startChroma } from '../support/chroma.ts';
import { findPostgres, startPostgres } from './postgres.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const required = process.env.REQUIRE_SHARED === '1';
const running = [];
const totals = { passed: 0, failed: 0, skipped: 0 };
const children = new Set();

class Missing extends Error {}

/** Everything in this database will be deleted, so its name has to say that it may be. */
function databaseOf(given) {
  const url = new URL(given);
  if (!decodeURIComponent(url.pathname).endsWith('_test'))
    throw new Error(
      `${url.pathname.slice(1) || 'a database without a name'} is not touched: its name does not end in _test`,
    );
  return url;
}

async function address(variable, name, server, what) {
  const fromEnv = process.env[variable];
  if (fromEnv) return databaseOf(fromEnv);
  if (!server) throw new Missing(`no PostgreSQL ${what} on this machine: install one, or set ${variable}`);
  const started = await startPostgres(server);
  running.push(started);
  return databaseOf(`${started.url}/${name}`);
}

async function recreate(url) {
  const admin = new URL(url);
  admin.pathname = '/postgres';
  const client = new Client({ connectionString: admin.href });
  await client.connect();
  try {
    const name = client.escapeIdentifier(url.pathname.slice(1));
    await client.query(`drop database if exists ${name} with (force)`);
    await client.query(`create database ${name}`);
  } finally {
    await client.end();
  }
  return admin.href;
}

async function run(args, env) {
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  children.add(child);
  const [code] = await once(child, 'exit');
  children.delete(child);
  return code ?? 1;
}

async function jest(env) {
  const report = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-report-')), 'report.json');
  const code = await run(
    [
      '--experimental-vm-modules',
      '--no-warnings',
      'node_modules/jest/bin/jest.js',
      '--config=test/server/jest.config.mjs',
      '--json',
      `--outputFile=${report}`,
      ...process.argv.slice(2),
    ],
    env,
  );
  const result = fs.existsSync(report) ? JSON.parse(fs.readFileSync(report, 'utf8')) : {};
  fs.rmSync(path.dirname(report), { recursive: true, force: true });
  totals.passed += result.numPassedTests ?? 0;
  totals.failed += (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
  totals.skipped += result.numPendingTests ?? 0;
  if (code !== 0 && totals.failed === 0) totals.failed = 1;
}

async function chromaUrl() {
  if (process.env.TEST_CHROMA_URL) return process.env.TEST_CHROMA_URL;
  const binary = chromaBinary();
  if (!binary) throw new Missing(CHROMA_MISSING);
  const server = await startChroma(binary);
  running.push(server);
  return server.url;
}

async function round(name, prepare) {
  console.log(`\n== ${name}`);
  try {
    const { database, ...env } = await prepare();
    const adminUrl = await recreate(database);
    await jest({ ...env, TEST_DATABASE_URL: database.href, TEST_ADMIN_DATABASE_URL: adminUrl });
  } catch (error) {
    if (!(error instanceof Missing)) throw error;
    totals[required ? 'failed' : 'skipped'] += 1;
    console.error(`${required ? 'failed' : 'skipped'}: ${error.message}`);
  } finally {
    await stopServers();
  }
}

async function stopServers() {
  for (const server of running.splice(0).toReversed()) await server.stop();
}

for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    for (const child of children) child.kill('SIGKILL');
    void stopServers().finally(() => process.exit(130));
  });

try {
  const { withVector, withoutVector } = findPostgres();
  await round('PostgreSQL with pgvector', async () => ({
    database: await address('TEST_DATABASE_URL', 'ai_backend_test', withVector, 'with pgvector'),
    TEST_VECTOR_STORE: 'pgvector',
  }));
  await round('PostgreSQL without pgvector, vectors in ChromaDB', async () => ({
    database: await address('TEST_PLAIN_DATABASE_URL', 'ai_backend_test', withoutVector, 'without pgvector'),
    TEST_VECTOR_STORE: 'chroma',
    TEST_CHROMA_URL: await chromaUrl(),
  }));
} catch (error) {
  totals.failed += 1;
  console.error(error instanceof Error ? error.message : error);
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || (required && totals.skipped > 0) ? 1 : 0;
