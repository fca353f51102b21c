import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { newDataDir, newPassword, startTestApp } from '../support/app.js';
import { runNode, type NodeProcess } from '../support/node-process.js';

/** In every value that a client sends here; lower case, as addresses are kept. */
const CANARY = 'canary7f3a';

/** What makes the database refuse rows: a constraint, whose detail is the row, and a value that it repeats. */
const FAULTS = `
  create function fault_day(day text) returns boolean language plpgsql as $$
    begin
      if day is not null then raise exception 'cannot read the day "%"', day; end if;
      return true;
    end $$;
  alter table users add constraint fault_users check (full_name is null or full_name not like '%${CANARY}%');
  alter table document_versions add constraint fault_days check (fault_day(metadata ->> 'day'));
  alter table document_versions add constraint fault_texts check (text is null or text not like '%in a file%');
  alter table answers add constraint fault_answers check (question not like '%${CANARY}%')`;

interface Line {
  msg: string;
  err?: { type: string; message: string; stack: string; code?: string; constraint?: string };
}

/** The built server, whose output is what operators collect. */
describe('what is printed when the database refuses what clients send', () => {
  const dataDir = newDataDir();
  let server: NodeProcess | undefined;
  let url = '';
  let token = '';

  beforeAll(async () => {
    const app = await startTestApp({ DATA_DIR: dataDir });
    await app.source.query(FAULTS);
    await app.close();
    server = runNode('dist/main.js', [], {
      DATA_DIR: dataDir,
      MODELS_DIR: path.join(dataDir, 'models'),
      MODEL_DOWNLOAD: 'off',
      PORT: '0',
      RATE_LIMITS: 'off',
      LOG_FORMAT: 'json',
      LOG_LEVEL: 'trace',
    });
    url = (await server.printed(/listens on (http:\/\/[^\s"]+)/))[1]!;
    const login = await send('/auth/login', app.admin);
    token = ((await login.json()) as { access_token: string }).access_token;
  });
  afterAll(async () => {
    server?.signal('SIGTERM');
    await server?.ended;
    fs.rmSync(dataDir, { recursive: true, force: true });
  });

  const send = (route: string, body: object | FormData): Promise<Response> =>
    fetch(`${url}${route}`, {
      method: 'POST',
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(!(body instanceof FormData) && { 'content-type': 'application/json' }),
      },
      body: body instanceof FormData ? body : JSON.stringify(body),
    });

  const output = (): string => server?.output() ?? '';
  const printed = async (wanted: (line: Line) => boolean): Promise<Line> => {
    for (const until = Date.now() + 60_000; ; await sleep(100)) {
      const lines = output()
        .split('\n')
        .filter((line) => line.startsWith('{') && line.endsWith('}'));
      const line = lines.map((text) => JSON.parse(text) as Line).find(wanted);
      if (line) return line;
      if (Date.now() > until) throw new Error(`was not printed:\n${output()}`);
    }
  };
  const withheld = (): void => {
    expect(output()).not.toContain(CANARY);
    expect(output()).not.toMatch(/argon2|"parameters"|"query"|"driverError"|"detail"/);
  };

  test('neither a password nor its hash, an address or a name, when an account is not made', async () => {
    const body = { email: `${CANARY}@example.com`, password: newPassword(), full_name: `A ${CANARY}` };
    expect((await send('/auth/register', body)).status).toBe(500);
    const { err } = await printed((line) => line.err?.constraint === 'fault_users');
    expect(err).toMatchObject({ type: 'QueryFailedError', code: '23514' });
    expect(err?.message).toMatch(/violates check constraint "fault_users"/);
    expect(err?.stack).toMatch(/\n\s+at .*users\.repository/);
    expect(output()).not.toContain(body.password);
    withheld();
  });

  test('no text of a document, nor the value that the database could not read', async () => {
    const body = { doc_id: 'one', text: `The text of ${CANARY}.`, metadata: { day: CANARY } };
    expect((await send('/rag/add_document', body)).status).toBe(500);
    const { err } = await printed((line) => line.err?.code === 'P0001');
    expect(err?.message).toMatch(/^cannot read the day "…"$/);
    withheld();
  });

  test('no question and no answer, when an answer is not kept', async () => {
    expect((await send('/rag/ask', { question: `What is ${CANARY}?` })).status).toBe(200);
    const { msg } = await printed((line) => line.err?.constraint === 'fault_answers');
    expect(msg).toBe('an answer was given but not kept');
    withheld();
  });

  test('no text of a file; nor does its job keep it', async () => {
    const form = new FormData();
    form.append('file', new Blob([`What is in a file of ${CANARY}.`], { type: 'text/plain' }), 'a.txt');
    expect((await send('/documents', form)).status).toBe(202);
    await printed((line) => line.err?.constraint === 'fault_texts');
    withheld();

    server?.signal('SIGTERM');
    await server?.ended;
    withheld();
    const app = await startTestApp({ DATA_DIR: dataDir, PROCESS_ROLE: 'all' });
    const jobs = await app.source.query<{ output: unknown }[]>(
      'select output from pgboss.job where output is not null',
    );
    await app.close();
    expect(JSON.stringify(jobs)).toContain('fault_texts');
    expect(JSON.stringify(jobs)).not.toContain(CANARY);
  });
});

test('an error that nobody catches ends the process without the data it carries', () => {
  const script = `
    const { exitOnUncaught } = await import('./dist/cli/run-command.js');
    exitOnUncaught();
    const cause = Object.assign(new Error('deep'), { parameters: ['${CANARY}'] });
    void Promise.reject(Object.assign(new Error('the query failed', { cause }), { parameters: ['${CANARY}'] }));
    setTimeout(() => {}, 60_000);`;
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: path.resolve(import.meta.dirname, '../..'),
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr).toContain('the query failed');
  expect(stderr).not.toContain(CANARY);
});
