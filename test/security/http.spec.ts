import net, { type AddressInfo } from 'node:net';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const FOREIGN = 'https://evil.example';
const ORIGIN = 'https://app.example.com';

describe('answers behind a proxy that ends TLS', () => {
  let app: TestApp;
  let user: Browser;
  let file: string;
  beforeAll(async () => {
    app = await startTestApp({
      COOKIE_SECURE: 'on',
      PUBLIC_URL: ORIGIN,
      ALLOWED_HOSTS: '127.0.0.1',
      REQUIRE_EMAIL_VERIFICATION: 'off',
    });
    user = await Browser.signedUp(app);
    const page = Buffer.from('<script>alert(document.domain)</script><p>A page of the attacker.</p>');
    const sent = await user.upload([{ name: 'page.html', data: page, type: 'text/html' }]);
    expect(sent.status).toBe(202);
    file = sent.body.documents[0].id as string;
    await user.settled(file);
  });
  afterAll(() => app?.close());

  /** One of each kind: public, with a credential, refused, not there, refused before any route, not JSON. */
  const answers = async () => [
    await app.http().get('/'),
    await app.http().get('/health/live'),
    await user.me(),
    await app.http().get('/auth/me'),
    await user.get('/nothing/here'),
    await app.http().post('/auth/login').set('Content-Type', 'text/plain').send('x'),
    await app.http().post('/auth/login').set('Content-Type', 'application/json').send('{"email":'),
    await app.http().get('/').set('Host', 'evil.example'),
    await user.get(`/documents/${file}/content`),
    await user.get(`/documents/${file}/text`),
    await user.get('/users/me/export'),
  ];

  test('say what a browser may do with them: nothing, not even keep them', async () => {
    for (const { headers, status } of await answers()) {
      const policy = String(headers['content-security-policy']);
      expect([status, policy]).toEqual([status, expect.stringContaining("default-src 'none'")]);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
      });
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['server']).toBeUndefined();
    }
  });

  test('promise a year of HTTPS, for all subdomains', async () => {
    for (const { headers } of await answers()) {
      const hsts = String(headers['strict-transport-security']);
      expect(Number(/max-age=(\d+)/.exec(hsts)?.[1])).toBeGreaterThanOrEqual(31_536_000);
      expect(hsts).toContain('includeSubDomains');
    }
    const plain = await startTestApp();
    try {
      expect((await plain.http().get('/')).headers['strict-transport-security']).toBeUndefined();
    } finally {
      await plain.close();
    }
  });

  test('say what they are, with a charset where they are text', async () => {
    for (const { headers, text } of await answers()) {
      if (!text) continue;
      expect(String(headers['content-type'])).toMatch(
        /^(application\/(json|problem\+json); charset=utf-8|text\/plain; charset=utf-8|application\/octet-stream|text\/html; charset=utf-8)$/i,
      );
    }
  });

  test('originals are attachments in a sandbox', async () => {
    const { headers } = await user.get(`/documents/${file}/content`);
    expect(headers['content-disposition']).toMatch(/^attachment/);
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  test('nothing redirects', async () => {
    for (const { status, headers } of await answers()) {
      expect(status < 300 || status >= 400).toBe(true);
      expect(headers['location']).toBeUndefined();
    }
  });

  test('own origins may send what the interface takes, to follow events from where they were too', async () => {
    const wanted = ['authorization', 'content-type', 'x-csrf-token', 'idempotency-key', 'last-event-id'];
    const asked = await app
      .http()
      .options('/documents/events')
      .set('Origin', ORIGIN)
      .set('Access-Control-Request-Method', 'GET')
      .set('Access-Control-Request-Headers', wanted.join(','));
    const allowed = String(asked.headers['access-control-allow-headers']).toLowerCase().split(/, ?/);
    expect(allowed).toEqual(expect.arrayContaining(wanted));
  });

  test('foreign origins may not read them, and are not asked to keep credentials', async () => {
    for (const origin of [
      FOREIGN,
      'null',
      `${ORIGIN}.evil.example`,
      'https://evil-app.example.com',
      'http://app.example.com',
    ]) {
      const simple = await app.http().get('/auth/me').set('Origin', origin);
      expect(simple.headers['access-control-allow-origin']).toBeUndefined();
      const asked = await app
        .http()
        .options('/auth/refresh')
        .set('Origin', origin)
        .set('Access-Control-Request-Method', 'POST')
        .set('Access-Control-Request-Headers', 'x-csrf-token');
      expect(asked.headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('messages', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());

  /** All that the server says before it closes the connection. */
  function raw(bytes: string): Promise<string> {
    const { port } = app.app.getHttpServer().address() as AddressInfo;
    return new Promise((resolve, reject) => {
      let text = '';
      const socket = net.connect(port, '127.0.0.1');
      socket.setTimeout(30_000, () => reject(new Error(`the server keeps the connection open: ${text}`)));
      // A server that hangs up while bytes of ours are on their way resets the connection: what it said counts.
      socket.on('error', () => undefined);
      socket.on('data', (data) => (text += data.toString()));
      socket.on('close', () => resolve(text));
      socket.write(bytes);
    });
  }
  const statuses = (text: string): number[] =>
    [...text.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status));

  test('with two lengths, or an unclear one, are refused and nothing behind them is read as another', async () => {
    const smuggled = 'GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const head = 'POST /auth/login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
    for (const request of [
      `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Content-Length: 0\r\nContent-Length: 5\r\n\r\n${smuggled}`,
      `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${head}Content-Length: +0\r\n\r\n${smuggled}`,
    ])
      expect([request, statuses(await raw(request))]).toEqual([request, [400]]);
  });

  test('the server neither traces nor lists', async () => {
    const traced = await raw(
      'TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer secret\r\nConnection: close\r\n\r\n',
    );
    expect(statuses(traced)[0]).toBeGreaterThanOrEqual(400);
    expect(traced).not.toContain('Bearer secret');
    for (const path of [
      '/docs/',
      '/assets/',
      '/data/',
      '/.git/config',
      '/.env',
      '/package.json',
      '/..%2fpackage.json',
    ]) {
      const { text, status } = await app.http().get(path);
      expect([path, status >= 200 && status < 300 && /Index of|"dependencies"|\[core\]/.test(text)]).toEqual([
        path,
        false,
      ]);
    }
  });

  test('tell nothing about the inside when something unexpected happens', async () => {
    const user = await Browser.signedUp(app);
    await app.source.query('alter table collections rename to elsewhere');
    try {
      const answer = await user.get('/collections');
      expect(answer.status).toBeGreaterThanOrEqual(500);
      expect(answer.headers['content-type']).toContain('application/problem+json');
      expect(answer.text).not.toMatch(
        /collections"? does not exist|relation|select|at .*\.(ts|js)|node_modules/i,
      );
      expect(answer.body).toMatchObject({
        status: answer.status,
        code: expect.any(String),
        request_id: expect.any(String),
      });
    } finally {
      await app.source.query('alter table elsewhere rename to collections');
    }
  });
});
