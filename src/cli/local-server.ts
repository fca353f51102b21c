import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '../config/config-error.js';
import { VARIABLES } from '../config/variables.js';
import { ApiClient, type Credentials } from './client.js';
import { MEMORY_ENV } from './memory.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
const MAIN = path.join(ROOT, 'dist', 'main.js');
const BOOT_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 30_000;
const POLL_MS = 25;
const TAIL = 2000;

// What is set for another installation must not leak into a throw-away server.
const SHARED = new Set([
  'MODELS_DIR',
  'MODEL_DOWNLOAD',
  'EMBEDDING_MODEL',
  'EMBEDDING_WORKERS',
  'RATE_LIMITS',
]);
const OTHERS = new Set(
  Object.values(VARIABLES)
    .filter(({ env }) => !SHARED.has(env))
    .flatMap(({ env }) => [env, `${env}_FILE`]),
);

export interface LocalServerOptions {
  /** Kept by `close` when given; otherwise a temporary folder that goes with the server. */
  dataDir?: string;
  env?: Record<string, string>;
}

/** A server of its own in a child process, built from `dist`, on a free port and with the embedded database. */
export class LocalServer {
  readonly admin: Credentials = {
    email: 'admin@localhost',
    password: `Lx4-${randomBytes(18).toString('base64url')}`,
  };
  readonly dataDir: string;
  private readonly temporary: boolean;
  private readonly onExit = (): void => {
    this.child?.kill('SIGKILL');
    if (this.temporary) fs.rmSync(this.dataDir, { recursive: true, force: true });
  };
  private child: ChildProcess | undefined;
  private ended: Promise<string> = Promise.resolve('never started');
  private address: string | undefined;
  private output = '';

  constructor(private readonly options: LocalServerOptions = {}) {
    this.temporary = options.dataDir === undefined;
    this.dataDir = options.dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-'));
    process.once('exit', this.onExit);
  }

  /** @throws StartError when it does not get ready in two minutes; @returns milliseconds until it was ready */
  async start(): Promise<number> {
    const startedAt = performance.now();
    this.spawn();
    const ended = this.ended.then((how) => `the server ended (${how})`);
    for (;;) {
      const failure = await Promise.race([ended, sleep(POLL_MS)]);
      if (failure !== undefined) throw new StartError(`${failure}: ${this.output.trim().slice(-TAIL)}`);
      if (this.address !== undefined && (await new ApiClient(this.address).ready().catch(() => false)))
        return performance.now() - startedAt;
      if (performance.now() - startedAt > BOOT_LIMIT_MS) {
        await this.kill();
        throw new StartError(
          `the server was not ready in ${BOOT_LIMIT_MS / 1000} s: ${this.output.trim().slice(-TAIL)}`,
        );
      }
    }
  }

  get pid(): number {
    if (this.child?.pid === undefined) throw new Error('the server does not run');
    return this.child.pid;
  }

  get base(): string {
    if (this.address === undefined) throw new Error('the server does not run');
    return this.address;
  }

  /** A client that is signed in as the first administrator. */
  async client(): Promise<ApiClient> {
    const client = new ApiClient(this.base);
    await client.signIn(this.admin);
    return client;
  }

  /** Asks it to end; what does not end in time is killed. */
  async stop(): Promise<void> {
    this.child?.kill('SIGTERM');
    const timer = setTimeout(() => this.child?.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** `kill -9`: nothing is flushed, nobody is told. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.ended;
  }

  /** Ends the server and removes its temporary folder. */
  async close(): Promise<void> {
    if (this.child) await this.stop();
    process.removeListener('exit', this.onExit);
    if (this.temporary) fs.rmSync(this.dataDir, { recursive: true, force: true });
  }

  private spawn(): void {
    const inherited = Object.entries(process.env).filter(([name]) => !OTHERS.has(name));
    const child = spawn(process.execPath, [MAIN], {
      env: {
        MODELS_DIR: path.join(ROOT, 'data', 'models'),
        ...Object.fromEntries(inherited),
        LOG_LEVEL: 'warn',
        ADMIN_EMAIL: this.admin.email,
        ADMIN_PASSWORD: this.admin.password,
        DATA_DIR: this.dataDir,
        HOST: '127.0.0.1',
        PORT: '0',
        ...MEMORY_ENV,
        ...this.options.env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.address = undefined;
    this.output = '';
    const read = (chunk: Buffer): void => {
      this.output = (this.output + chunk.toString()).slice(-10 * TAIL);
      this.address ??= / listens on (http:\S+)/.exec(this.output)?.[1];
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    this.ended = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    void this.ended.then(() => {
      if (this.child !== child) return;
      this.child = undefined;
      this.address = undefined;
    });
  }
}
