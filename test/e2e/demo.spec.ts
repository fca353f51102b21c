import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describeWithShared, sharedDir } from '../support/shared.js';
import { runNode, type NodeProcess } from '../support/node-process.js';

const modelsDir = path.join(sharedDir, 'models');

let folder: string;
let started: NodeProcess[];

function demo(args: readonly string[], env: Record<string, string>): NodeProcess {
  const run = runNode('dist/cli/demo.js', ['--data', path.join(folder, 'demo'), ...args], env);
  started.push(run);
  return run;
}

/** The three answers, each with the file and page it cites. */
function expectAnswers(output: string): void {
  expect(output.match(/^\? /gm)).toHaveLength(3);
  const words = output.replace(/\s+/g, ' ');
  expect(words).toMatch(/backwashed after 36 hours.*\(millbrook-operating-manual\.pdf\), page 2 - verified/);
  expect(words).toMatch(/receives 30 euros.*\(customer-charter\.html\) - verified/);
  expect(words).toMatch(/68 euros for a night at the weekend.*\(staff-handbook\.md\) - verified/);
  expect(output).not.toContain('NOT verified');
}

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-demo-'));
  started = [];
});

afterEach(async () => {
  for (const run of started) run.signal('SIGKILL');
  await Promise.all(started.map((run) => run.ended));
  fs.rmSync(folder, { recursive: true, force: true });
});

describeWithShared('npm run demo', ['models/all-MiniLM-L6-v2'], () => {
  it('adds the samples and answers with verified quotes, a second time from what is there', async () => {
    const env = { MODELS_DIR: modelsDir, PORT: '0' };
    const first = demo(['--exit'], env);
    expect(await first.ended).toBe(0);
    expect(first.output()).toContain('millbrook-operating-manual.pdf (4 pages');
    expectAnswers(first.output());

    const second = demo(['--exit'], env);
    expect(await second.ended).toBe(0);
    expectAnswers(second.output());
  });

  it('leaves the server running, says how to reach it, and ends cleanly on Ctrl-C', async () => {
    const run = demo([], { MODELS_DIR: modelsDir, PORT: '0' });
    const [, base] = await run.printed(/documentation\s+(http:\S+)\/docs/);
    const [, email, file] = await run.printed(/sign in as\s+(\S+), the password is in (\S+)/);
    await run.printed(/DATA_DIR=\S+ npm start/);
    const password = fs.readFileSync(path.resolve(file ?? ''), 'utf8').trim();
    const response = await fetch(`${base}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    expect(response.status).toBe(200);

    run.signal('SIGINT');
    expect(await run.ended).toBe(0);
    await expect(fetch(`${base}/health/live`)).rejects.toThrow('fetch failed');
  });
});

describe('npm run demo without a way to get the encoder', () => {
  it('says so and answers by words alone', async () => {
    // A file where the folder of models should be: nothing can be installed below it.
    const file = path.join(folder, 'models');
    fs.writeFileSync(file, '');
    const run = demo(['--exit'], { MODELS_DIR: file, PORT: '0' });
    expect(await run.ended).toBe(0);
    expect(run.output()).toMatch(/^No encoder: /m);
    expectAnswers(run.output());
  });
});
