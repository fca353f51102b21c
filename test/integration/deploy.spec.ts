import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SCRIPT = path.resolve('.ci/deploy');
const STUBS = path.resolve('test/support/bin');

interface Deployed {
  code: number | null;
  output: string;
}

/** The script that a server's shell is fed, with containers that are files. */
describe('.ci/deploy', () => {
  let home: string;
  let containers: string;

  beforeEach(() => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'deploy-'));
    containers = path.join(home, 'containers');
    fs.mkdirSync(containers);
    fs.writeFileSync(path.join(home, 'ai-backend.env'), 'HOST=127.0.0.1\n');
  });
  afterEach(() => fs.rmSync(home, { recursive: true, force: true }));

  const has = (name: string, text: string): void =>
    fs.writeFileSync(path.join(containers, name), `${text}\n`);
  const state = (): Record<string, string> =>
    Object.fromEntries(
      fs
        .readdirSync(containers)
        .map((name) => [name, fs.readFileSync(path.join(containers, name), 'utf8').trim()]),
    );

  /** @param deaf nobody reads what the script says: the connection has gone */
  async function deploy(image: string, env: Record<string, string> = {}, deaf = false): Promise<Deployed> {
    const script = spawn('bash', ['-s', '--', image], {
      detached: true,
      env: { PATH: `${STUBS}:/usr/bin:/bin`, HOME: home, CONTAINERS: containers, IMAGE: image, ...env },
    });
    let output = '';
    if (deaf) {
      script.stdout.destroy();
      script.stderr.destroy();
    } else {
      for (const stream of [script.stdout, script.stderr])
        stream.on('data', (data: Buffer) => (output += data.toString()));
    }
    fs.createReadStream(SCRIPT).pipe(script.stdin);
    const code = await new Promise<number | null>((resolve) => script.on(deaf ? 'exit' : 'close', resolve));
    return { code, output };
  }

  it('puts a healthy version in the place of the one before', async () => {
    has('ai-backend', 'running good:1');
    await expect(deploy('good:2')).resolves.toMatchObject({ code: 0 });
    expect(state()).toEqual({ 'ai-backend': 'running good:2' });
  });

  it('migrates before the start, with the settings of a container', async () => {
    await deploy('good:1');
    const [migrated = '', started = ''] = fs.readFileSync(path.join(home, 'ran'), 'utf8').split('\n');
    expect(migrated).toContain('migrate.js run');
    for (const run of [migrated, started])
      expect(run).toMatch(/--env-file \S+ .*-e HOST=0\.0\.0\.0 -e PORT=8000 -e DATA_DIR=\/data/);
  });

  it('puts the version before back where the new one does not become healthy', async () => {
    has('ai-backend', 'running good:1');
    const { code, output } = await deploy('bad:2');
    expect(code).toBe(1);
    expect(output).toMatch(
      /bad:2 did not become healthy[^]*the previous version runs again[^]*may have been migrated/,
    );
    expect(state()).toEqual({ 'ai-backend': 'running good:1' });
  });

  it('does so where nobody listens any more', async () => {
    has('ai-backend', 'running good:1');
    await expect(deploy('bad:2', {}, true)).resolves.toMatchObject({ code: 1 });
    expect(state()).toEqual({ 'ai-backend': 'running good:1' });
  });

  it.each(['ps', 'pull', 'stop', 'rename', 'migration', 'run', 'inspect', 'logs'])(
    'does so where docker fails at %s',
    async (FAILS) => {
      has('ai-backend', 'running good:1');
      await expect(deploy('bad:2', { FAILS })).resolves.toMatchObject({ code: 1 });
      expect(state()).toEqual({ 'ai-backend': 'running good:1' });
    },
  );

  it.each(['stop', 'stopped', 'rename', 'run', 'inspect'])(
    'mends what a deployment left that was cut off at %s',
    async (KILLS) => {
      has('ai-backend', 'running good:1');
      await expect(deploy('bad:2', { KILLS })).resolves.toMatchObject({ code: null });
      await expect(deploy('bad:3')).resolves.toMatchObject({ code: 1 });
      expect(state()).toEqual({ 'ai-backend': 'running good:1' });
    },
  );

  it('starts what stood still since it was cut off, whatever happens then', async () => {
    has('ai-backend', 'running good:1');
    await deploy('good:2', { KILLS: 'stopped' });
    expect(state()).toEqual({ 'ai-backend': 'stopped good:1' });
    await expect(deploy('good:2', { FAILS: 'pull' })).resolves.toMatchObject({ code: 1 });
    expect(state()).toEqual({ 'ai-backend': 'running good:1' });
  });

  it('waits for another one that is under way', async () => {
    has('ai-backend', 'running good:1');
    const WAITS = path.join(home, 'go');
    const first = deploy('bad:2', { WAITS });
    const isMade = (): boolean => state()['ai-backend'] === 'running bad:2';
    for (const until = Date.now() + 20_000; !isMade() && Date.now() < until; await sleep(20));
    const second = deploy('good:3');
    await sleep(300);
    expect(state()).toEqual({ 'ai-backend': 'running bad:2', 'ai-backend-previous': 'stopped good:1' });
    fs.writeFileSync(WAITS, '');
    expect([(await first).code, (await second).code]).toEqual([1, 0]);
    expect(state()).toEqual({ 'ai-backend': 'running good:3' });
  });

  it('says that the database may be changed where its migration ended badly', async () => {
    has('ai-backend', 'running good:1');
    expect((await deploy('good:2', { FAILS: 'migration' })).output).toContain('may have been migrated');
    expect((await deploy('good:2', { FAILS: 'pull' })).output).not.toContain('migrated');
  });

  it('keeps a new version that was healthy when the deployment was cut off', async () => {
    has('ai-backend', 'running good:2');
    has('ai-backend-previous', 'stopped good:1');
    await deploy('bad:3');
    expect(state()).toEqual({ 'ai-backend': 'running good:2' });
  });

  it('leaves nothing of a first version that does not become healthy, and wants its configuration', async () => {
    await expect(deploy('bad:1')).resolves.toMatchObject({ code: 1 });
    expect(state()).toEqual({});
    fs.rmSync(path.join(home, 'ai-backend.env'));
    await expect(deploy('good:1')).resolves.toMatchObject({
      code: 1,
      output: expect.stringContaining('missing'),
    });
  });
});
