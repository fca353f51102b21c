import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { DataSource } from 'typeorm';
import { newPassword } from '../support/app.js';
import { describeWithShared, sharedDir } from '../support/shared.js';

export const root = path.resolve(import.meta.dirname, '../..');
export const vectorStore = given('TEST_VECTOR_STORE') as 'pgvector' | 'chroma';

function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: these tests are run by "npm run test:server"`);
  return value;
}

/** Skips where the encoder is missing, unless it is required. */
export const describeWithEncoder = (title: string, body: () => void): void =>
  describeWithShared(title, ['models/all-MiniLM-L6-v2/config.json'], body);

export type Environment = Record<string, string>;

export interface ServerDatabase {
  /** Configuration of a process on this database: strict mode with everything that it requires. */
  env: Environment;
  source: DataSource;
  drop(): Promise<void>;
}

const connect = (url: string): Promise<DataSource> =>
  new DataSource({ type: 'postgres', url, poolSize: 2, installExtensions: false }).initialize();

/** The first administrator of every process here. */
export const admin = { email: 'root@example.com', password: newPassword() };

/** An empty database of its own, and one in ChromaDB where that holds the vectors. */
export async function newDatabase(): Promise<ServerDatabase> {
  const name = `ai_backend_${randomBytes(6).toString('hex')}_test`;
  const url = new URL(given('TEST_DATABASE_URL'));
  url.pathname = `/${name}`;
  const cluster = await connect(given('TEST_ADMIN_DATABASE_URL'));
  await cluster.query(`create database ${name}`);
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-server-'));
  const source = await connect(url.href);
  const secret = (): string => randomBytes(48).toString('base64url');
  return {
    source,
    env: {
      DATABASE_URL: url.href,
      DATA_DIR: dataDir,
      MODELS_DIR: path.join(sharedDir, 'models'),
      JWT_SECRET: secret(),
      REFRESH_SECRET: secret(),
      CSRF_SECRET: secret(),
      DATA_ENCRYPTION_KEY: secret(),
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      REGISTRATION: 'open',
      COOKIE_SECURE: 'off',
      RATE_LIMITS: 'off',
      LOG_LEVEL: 'error',
      LOG_FORMAT: 'json',
      ...(vectorStore === 'chroma' ? await chromaDatabase(name) : {}),
    },
    async drop() {
      await source.destroy();
      await cluster.query(`drop database ${name} with (force)`);
      await cluster.destroy();
      fs.rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

async function chromaDatabase(name: string): Promise<Environment> {
  const url = given('TEST_CHROMA_URL');
  const response = await fetch(`${url}/api/v2/tenants/default_tenant/databases`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name }),
  });
  if (!response.ok) throw new Error(`ChromaDB: ${response.status} ${await response.text()}`);
  return { CHROMA_URL: url, CHROMA_DATABASE: name };
}

export interface Finished {
  code: number | null;
  stdout: string;
  stderr: string;
}

const own = new Set<ChildProcess>();
process.once('exit', () => own.forEach((child) => child.kill('SIGKILL')));

function start(args: readonly string[], env: Environment): { child: ChildProcess; output: Finished } {
  const child = spawn(process.execPath, args, {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  own.add(child);
  child.once('exit', () => own.delete(child));
  const output: Finished = { code: null, stdout: '', stderr: '' };
  child.stdout.on('data', (data: Buffer) => (output.stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (output.stderr += data.toString()));
  return { child, output };
}

/** Runs a command of the build to its end. */
export async function runToEnd(file: string, args: readonly string[], env: Environment): Promise<Finished> {
  const { child, output } = start([file, ...args], env);
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...output, code };
}

/** `node dist/cli/migrate.js`, as a release step runs it; fails loudly. */
export async function migrate(env: Environment, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runToEnd('dist/cli/migrate.js', args, env);
  if (code !== 0) throw new Error(`migrate ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}

export interface ServerProcess {
  url: string;
  /** What it printed so far. */
  printed(): string;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** `kill -9`: nothing is flushed, nobody is told. */
  kill(): Promise<void>;
}

const LISTENS = /listens on (http:\/\/\S+)/;

/** `node dist/main.js` on a free port, once it listens. */
export async function startServer(env: Environment): Promise<ServerProcess> {
  const { child, output } = start(['dist/main.js'], { PORT: '0', ...env });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const listening = (async () => {
    while (!LISTENS.test(output.stdout)) await once(child.stdout!, 'data');
  })();
  const ended = await Promise.race([listening, closed]);
  if (ended) throw new Error(`the server ended with ${ended[0]}: ${output.stderr}${output.stdout}`);
  return {
    url: LISTENS.exec(output.stdout)![1]!,
    printed: () => output.stdout,
    async stop() {
      child.kill('SIGTERM');
      return (await closed)[0];
    },
    async kill() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}

/** Polls until `probe` gives something other than undefined; fails after `seconds`. */
export async function eventually<T>(
  what: string,
  seconds: number,
  probe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${seconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
