import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

/** Other spellings of a route reach the same guards or no route at all. */
describe('paths', () => {
  let app: TestApp;
  let user: Browser;
  beforeAll(async () => {
    app = await startTestApp();
    user = await Browser.signedUp(app);
  });
  afterAll(() => app?.close());

  /** As written: a client library would tidy the path up. */
  function raw(
    line: string,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const { port } = app.app.getHttpServer().address() as AddressInfo;
    const lines = Object.entries({ host: `127.0.0.1:${port}`, connection: 'close', ...headers });
    return new Promise((resolve) => {
      let text = '';
      const socket = net.connect(port, '127.0.0.1');
      // A server that hangs up while bytes of ours are on their way resets the connection: what it said counts.
      socket.on('error', () => undefined);
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text }));
      socket.write(
        `${line} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
      );
    });
  }

  const spellings = (path: string): string[] => {
    const [first = '', ...rest] = path.split('/').filter(Boolean);
    const tail = rest.length ? `/${rest.join('/')}` : '';
    return [
      path.toUpperCase(),
      `/${path}`,
      `//${path}`,
      `${path}/`,
      `${path}//`,
      `${path}/.`,
      `${path}/..${path}`,
      `${path};x=1`,
      `${path}%20`,
      `${path}%00`,
      `${path}%2f`,
      `${path}.json`,
      `${path}\t`,
      `${path}#`,
      `/.${path}`,
      `/%2e${path}`,
      `/public/..${path}`,
      `/docs/..${path}`,
      `/docs/..%2f${first}${tail}`,
      `/health/live/..${path}`,
      `\\${first}${tail}`,
      `/%${first.charCodeAt(0).toString(16)}${first.slice(1)}${tail}`,
      `http://evil.example${path}`,
      `http://127.0.0.1${path}`,
    ];
  };

  const secret = ['/auth/me', '/auth/sessions', '/rag/secure-info', '/documents', '/collections'];
  it.each([...secret, '/admin/health', '/admin/audit'])(
    '%s shows nothing to nobody under any spelling',
    async (path) => {
      for (const spelling of [path, ...spellings(path)]) {
        const { status } = await raw(`GET ${spelling}`);
        expect([spelling, [400, 401, 404, 405, 421].includes(status)]).toEqual([spelling, true]);
      }
    },
  );

  it('/admin stays closed to users under any spelling', async () => {
    for (const path of ['/admin/health', '/admin/audit'])
      for (const spelling of [path, ...spellings(path)]) {
        const { status } = await raw(`GET ${spelling}`, { authorization: `Bearer ${user.token}` });
        expect([spelling, [400, 401, 403, 404, 405, 421].includes(status), status]).toEqual([
          spelling,
          true,
          status,
        ]);
      }
  });

  it('the method is that of the request line, whatever headers, query or body say', async () => {
    const before = (await user.get('/auth/sessions')).body.items.length;
    for (const [header, query] of [
      ['x-http-method-override', ''],
      ['x-http-method', ''],
      ['x-method-override', ''],
      ['x-nothing', '?_method=DELETE'],
    ] as const) {
      const response = await user.get(`/auth/sessions${query}`, { headers: { [header]: 'DELETE' } });
      expect([200, 400]).toContain(response.status);
      const posted = await user.post(`/auth/sessions${query}`, { headers: { [header]: 'DELETE' } });
      expect(posted.status).toBe(405);
    }
    expect((await user.get('/auth/sessions')).body.items).toHaveLength(before);
    for (const method of ['TRACE', 'TRACK', 'PROPFIND', 'FOO'])
      expect((await raw(`${method} /auth/me`)).text).not.toContain(user.account.email);
  });

  it('a part of dots is no id of anything: there is no other method for it either', async () => {
    const headers = { authorization: `Bearer ${user.token}`, 'content-length': '0' };
    for (const path of ['/documents/.', '/documents/..', '/documents/%2e', '/collections/./export'])
      expect([path, (await raw(`PUT ${path}`, headers)).status]).toEqual([path, 404]);
    expect((await raw('PUT /documents/x', headers)).status).toBe(405);
  });

  it('headers that rewrite addresses inside proxies change nothing', async () => {
    for (const header of ['x-original-url', 'x-rewrite-url', 'x-forwarded-prefix', 'x-forwarded-path']) {
      const response = await user.get('/health/live', { anonymous: true, headers: { [header]: '/auth/me' } });
      expect(response.body).toEqual({ status: 'live' });
      const closed = await user.get('/auth/me', { anonymous: true, headers: { [header]: '/health/live' } });
      expect(closed.status).toBe(401);
    }
  });

  it('safe methods change nothing', async () => {
    const dump = async (): Promise<unknown> => [
      await app.source.query(
        'select id, generation, revoked_at, last_used_at from refresh_tokens order by id',
      ),
      await app.source.query('select id, password_hash, is_active from users order by id'),
    ];
    const before = await dump();
    const paths = (await app.http().get('/openapi.json')).body.paths as Record<string, object>;
    for (const path of Object.keys(paths)) {
      const filled = path.replaceAll(/\{\w+\}/g, '00000000-0000-4000-8000-000000000000');
      for (const method of ['GET', 'HEAD', 'OPTIONS'])
        if (!filled.endsWith('/events'))
          await raw(`${method} ${filled}`, {
            authorization: `Bearer ${user.token}`,
            cookie: Object.entries(user.cookies())
              .map(([name, value]) => `${name}=${value}`)
              .join('; '),
            'x-csrf-token': user.csrf ?? '',
          });
    }
    expect(await dump()).toEqual(before);
  });
});
