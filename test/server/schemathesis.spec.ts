import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { newPassword } from '../support/app.js';
import {
  admin,
  migrate,
  newDatabase,
  startServer,
  vectorStore,
  type ServerDatabase,
  type ServerProcess,
} from './support.js';

/** `SCHEMATHESIS_BIN`, or `schemathesis` on the path (PyPI); skipped where there is none, unless it is required. */
const binary = process.env['SCHEMATHESIS_BIN'] ?? 'schemathesis';
const there = spawnSync(binary, ['--version'], { stdio: 'ignore', timeout: 60_000 }).status === 0;
const suite = there || process.env['REQUIRE_SHARED'] === '1' ? describe : describe.skip;

/** The two rounds of these tests share the work: one asks as a user, the other as an administrator. */
const as = vectorStore === 'pgvector' ? 'user' : 'admin';
const LIMIT_MS = 900_000;
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
];
/** What would end the session that asks, stream without end, or takes lines of JSON, which it cannot write. */
const LEFT_OUT =
  '^/auth/(logout|password|sessions|mfa)|^/users/me$|/events$|/sessions$|/(disable|enable)$|/roles/|/import$';

suite(`every answer is as the OpenAPI document says, asked as ${as}`, () => {
  let database: ServerDatabase;
  let server: ServerProcess;
  let token: string;

  beforeAll(async () => {
    database = await newDatabase();
    await migrate(database.env, 'run');
    server = await startServer({ ...database.env, REQUIRE_EMAIL_VERIFICATION: 'off' });
    const account = as === 'admin' ? admin : { email: 'fuzz@example.com', password: newPassword() };
    const post = (route: string): Promise<Response> =>
      fetch(`${server.url}${route}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(account),
      });
    if (as === 'user') expect((await post('/auth/register')).status).toBe(201);
    const signedIn = await post('/auth/login');
    expect(signedIn.status).toBe(200);
    token = ((await signedIn.json()) as { access_token: string }).access_token;
  });
  afterAll(async () => {
    await server?.stop();
    await database?.drop();
  });

  test(
    'no 5xx, and each status, content type and body is a declared one',
    async () => {
      // Its notes must not land in the repository.
      const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-schemathesis-'));
      // A declared 503 is an answer, such as that no language model is configured; a 500 is not.
      fs.writeFileSync(
        path.join(dir, 'schemathesis.toml'),
        '[checks.not_a_server_error]\nexpected-statuses = ["2xx", "3xx", "4xx", 503, 507]\n',
      );
      const child = spawn(
        binary,
        [
          'run',
          `${server.url}/openapi.json`,
          '--header',
          `Authorization: Bearer ${token}`,
          '--phases',
          'examples,coverage,fuzzing',
          '--max-examples',
          '6',
          '--checks',
          CHECKS.join(','),
          '--exclude-path-regex',
          LEFT_OUT,
          '--continue-on-failure',
          '--no-shrink',
          '--seed',
          '1',
          '--request-timeout',
          '120',
          '--suppress-health-check',
          'all',
        ],
        { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] },
      );
      let output = '';
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
      const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
      const [code] = (await once(child, 'close')) as [number | null];
      clearTimeout(timer);
      fs.rmSync(dir, { recursive: true, force: true });
      const failures = output
        .slice(Math.max(0, output.indexOf('FAILURES') - 100))
        .replaceAll(token, '<token>');
      if (code !== 0) throw new Error(`schemathesis ended with ${code}:\n${failures.slice(0, 20_000)}`);
      expect(output).toMatch(/\d+ (generated|passed)/);
    },
    LIMIT_MS + 20_000,
  );
});
