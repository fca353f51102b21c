import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { generateSync } from 'otplib';
import { withDataSource } from '../../src/database/data-source.js';
import { newDataDir, newPassword, startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { runNode } from '../support/node-process.js';

const COMMANDS = path.resolve(import.meta.dirname, '../../dist/cli');

interface Ended {
  code: number | null;
  output: string;
}

async function command(
  name: string,
  dataDir: string,
  args: string[],
  env: Record<string, string>,
  input = '',
): Promise<Ended> {
  const child = spawn(process.execPath, [path.join(COMMANDS, `${name}.js`), ...args], {
    env: { PATH: process.env['PATH'], DATA_DIR: dataDir, ...env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

const adminCreate = (
  dataDir: string,
  args: string[],
  env: Record<string, string>,
  input?: string,
): Promise<Ended> => command('admin-create', dataDir, args, env, input);

describe('the first administrator', () => {
  const dirs: string[] = [];
  const dataDir = (): string => {
    const dir = newDataDir();
    dirs.push(dir);
    return dir;
  };
  afterAll(() => {
    for (const dir of dirs) fs.rmSync(dir, { recursive: true, force: true });
  });

  const admins = async (app: TestApp): Promise<string[]> =>
    (
      await app.source.query(
        `select u.email from users u join user_roles ur on ur.user_id = u.id join roles r on r.id = ur.role_id
         where r.name = 'admin' order by u.email`,
      )
    ).map((row: { email: string }) => row.email);

  test('gets a random password in a private file, and is made once', async () => {
    const dir = dataDir();
    for (let start = 0; start < 2; start++) {
      const app = await startTestApp({ DATA_DIR: dir, ADMIN_EMAIL: '', ADMIN_PASSWORD: '' });
      try {
        const file = path.join(dir, 'secrets', 'admin-password');
        expect(fs.statSync(file).mode & 0o777).toBe(0o600);
        const account = { email: 'admin@localhost', password: fs.readFileSync(file, 'utf8').trim() };
        const response = await new Browser(app, account).login();
        expect(response.body.user.roles).toEqual(['admin', 'user']);
        expect(await admins(app)).toEqual(['admin@localhost']);
      } finally {
        await app.close();
      }
    }
  });

  test('is not made where there is a user, nor in strict mode without a password', async () => {
    const dir = dataDir();
    const strict = {
      NODE_ENV: 'production',
      ADMIN_PASSWORD: '',
      DATA_DIR: dir,
      COOKIE_SECURE: 'off',
      REGISTRATION: 'open',
    };
    const secrets = {
      JWT_SECRET: 'kJ8vQ2mZ7xW4pL9sT1yR6uN3bH5cF0dA',
      REFRESH_SECRET: 'wE5rT8yU2iO7pA4sD9fG1hJ6kL3zX0cV',
      CSRF_SECRET: 'qA1zW2sX3eD4cR5fV6tG7bY8hN9uJ0mK',
      DATA_ENCRYPTION_KEY: 'pL0oK9iJ8uH7yG6tF5rD4eS3wA2qZ1xC',
    };
    const first = await startTestApp({ ...strict, ...secrets });
    try {
      expect(await admins(first)).toEqual([]);
      expect(fs.existsSync(path.join(dir, 'secrets', 'admin-password'))).toBe(false);
      await Browser.signedUp(first);
    } finally {
      await first.close();
    }
    const second = await startTestApp({ DATA_DIR: dir, ...secrets });
    try {
      expect(await admins(second)).toEqual([]);
    } finally {
      await second.close();
    }
  });

  test('does not start with a password that attackers try first, and says so in one line', async () => {
    const server = runNode('dist/main.js', [], {
      DATA_DIR: dataDir(),
      PORT: '0',
      MODEL_DOWNLOAD: 'off',
      LOG_LEVEL: 'fatal',
      ADMIN_PASSWORD: 'passwordpassword',
    });
    expect(await server.ended).toBe(1);
    expect(server.output()).toMatch(/^cannot start: ADMIN_PASSWORD: .* attackers try first.*\n$/);
  });

  test('npm run admin:create makes one, from a variable or standard input, and says what is wrong', async () => {
    const dir = dataDir();
    const [one, two] = [newPassword(), newPassword()];
    expect((await adminCreate(dir, [], {})).code).toBe(64);
    expect(await adminCreate(dir, ['One@Example.com'], { ADMIN_PASSWORD: one })).toEqual({
      code: 0,
      output: 'one@example.com is an administrator now\n',
    });
    expect((await adminCreate(dir, ['two@example.com'], {}, `${two}\n`)).code).toBe(0);
    const taken = await adminCreate(dir, ['one@example.com'], { ADMIN_PASSWORD: two });
    expect(taken.code).toBe(1);
    expect(taken.output).toMatch(/^cannot start: .*\n$/);
    const short = await adminCreate(dir, ['three@example.com'], {}, 'short\n');
    expect(short.code).toBe(1);
    expect(short.output).toContain('at least 15 characters');

    const app = await startTestApp({ DATA_DIR: dir });
    try {
      expect(await admins(app)).toEqual(['one@example.com', 'two@example.com']);
      for (const [email, password] of [
        ['one@example.com', one],
        ['two@example.com', two],
      ] as const)
        expect((await new Browser(app, { email, password }).login()).body.user?.roles).toEqual([
          'admin',
          'user',
        ]);
    } finally {
      await app.close();
    }
  });

  test('npm run admin:recover lets the only administrator in again who lost password and second factor', async () => {
    const dir = dataDir();
    let app = await startTestApp({ DATA_DIR: dir });
    const { admin } = app;
    const user = await Browser.signedUp(app);
    const lost = await new Browser(app, admin).signedIn();
    const made = { body: { name: 'backup', scopes: ['documents:read'] } };
    const { key } = (await lost.post('/auth/api-keys', made)).body as { key: string };
    expect((await lost.post('/webhooks', { body: { url: 'https://example.com/' } })).status).toBe(201);
    const { secret } = (await lost.post('/auth/mfa/totp')).body as { secret: string };
    const code = generateSync({ secret, epoch: Math.floor(Date.now() / 1000) });
    expect((await lost.post('/auth/mfa/totp/confirm', { body: { code } })).status).toBe(200);
    await app.close();
    // Asked for by whoever had the account, and not looked at yet.
    await withDataSource(app.settings, (source) =>
      source.query(
        `insert into account_requests (kind, email, user_id) select 'change_address', 'thief@example.com', id
         from users where email = $1`,
        [admin.email],
      ),
    );

    const password = newPassword();
    for (const [email, why] of [
      [user.account.email, /is no administrator/],
      ['nobody@example.com', /is no administrator/],
    ] as const) {
      const refused = await command('admin-recover', dir, [email], {}, `${password}\n`);
      expect([refused.code, refused.output]).toEqual([1, expect.stringMatching(why)]);
    }
    expect((await command('admin-recover', dir, [admin.email], {}, 'too short\n')).code).toBe(1);
    expect((await command('admin-recover', dir, [], {})).code).toBe(64);
    const done = await command('admin-recover', dir, [admin.email], {}, `${password}\n`);
    expect([done.code, done.output]).toEqual([0, expect.not.stringContaining(password)]);
    expect(done.output).toContain('all sessions were ended');
    expect(done.output).toContain('goes on as before: 1 API key, 1 webhook');
    const asked = await withDataSource(app.settings, (source) =>
      source.query<unknown[]>(`select from account_requests where kind = 'change_address'`),
    );
    expect(asked).toEqual([]);

    app = await startTestApp({ DATA_DIR: dir });
    try {
      expect((await app.http().get('/auth/me').set('Authorization', `Bearer ${lost.token}`)).status).toBe(
        401,
      );
      expect((await new Browser(app, admin).login()).status).toBe(401);
      const again = await new Browser(app, { ...admin, password }).signedIn();
      expect((await again.get('/auth/mfa')).body.enabled).toBe(false);
      expect((await again.get('/documents', { bearer: key })).status).toBe(200);
      expect((await again.get('/webhooks')).body.items).toMatchObject([{ enabled: true }]);
      const page = await again.get('/admin/audit?action=user.admin_recovered');
      expect(page.body.items).toEqual([
        expect.objectContaining({
          details: expect.objectContaining({ second_factor_removed: true, keys: 1, webhooks: 1 }),
        }),
      ]);
    } finally {
      await app.close();
    }
  });
});
