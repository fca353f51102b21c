import { startTestApp, type TestApp } from '../support/app.js';
import { altered, Browser, setCookies } from '../support/browser.js';

const SECRETS = {
  JWT_SECRET: 'kJ8vQ2mZ7xW4pL9sT1yR6uN3bH5cF0dA',
  REFRESH_SECRET: 'wE5rT8yU2iO7pA4sD9fG1hJ6kL3zX0cV',
  CSRF_SECRET: 'qA1zW2sX3eD4cR5fV6tG7bY8hN9uJ0mK',
  DATA_ENCRYPTION_KEY: 'pL0oK9iJ8uH7yG6tF5rD4eS3wA2qZ1xC',
};
interface Operation {
  parameters?: { name: string }[];
}

const YEAR = '31536000';

describe('browsers', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ CORS_ORIGINS: 'https://front.example', ALLOWED_HOSTS: 'app.local' });
  });
  afterAll(() => app?.close());

  test('cookies over plain HTTP', async () => {
    const { jar } = await Browser.signedUp(app);
    const common = { samesite: 'Lax', expires: expect.any(String) };
    expect(jar.get('refresh_token')?.attributes).toEqual({
      ...common,
      path: '/auth',
      httponly: true,
      'max-age': '604800',
    });
    expect(jar.get('csrf_token')?.attributes).toEqual({ ...common, path: '/', 'max-age': '604800' });
    expect(jar.get('device')?.attributes).toEqual({
      ...common,
      path: '/auth',
      httponly: true,
      'max-age': YEAR,
    });
  });

  test('the refresh token is nowhere but in its cookie', async () => {
    const browser = await Browser.signedUp(app);
    const response = await browser.login();
    expect(response.text).not.toContain(browser.cookies()['refresh_token']);
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test('the readable cookie is the CSRF token', async () => {
    const browser = await Browser.signedUp(app);
    expect(browser.cookies()['csrf_token']).toBe(browser.csrf);
  });

  test('a device stays the same through sign-ins; one that is not ours is replaced', async () => {
    const browser = await Browser.signedUp(app);
    const device = browser.cookies()['device'];
    await browser.login();
    expect(browser.cookies()['device']).toBe(device);
    const response = await browser.post('/auth/login', {
      body: browser.account,
      cookies: { device: altered(device) },
    });
    const given = setCookies(response).get('device')?.value;
    expect(given).toBeDefined();
    expect(given).not.toBe(device);
  });

  test('the path of the secret cookies covers the routes that read them, and these need the CSRF header', async () => {
    const paths = (await app.http().get('/openapi.json')).body.paths as Record<
      string,
      Record<string, Operation>
    >;
    const reading = Object.entries(paths).filter(([, methods]) =>
      Object.values(methods).some((operation) =>
        operation.parameters?.some(({ name }) => name === 'x-csrf-token'),
      ),
    );
    expect(reading.map(([path]) => path).sort()).toEqual(['/auth/logout', '/auth/refresh']);
    const { jar } = await Browser.signedUp(app);
    for (const [path] of reading)
      expect(path.startsWith(`${String(jar.get('refresh_token')?.attributes['path'])}/`)).toBe(true);
  });

  describe('Origin', () => {
    const routes = ['/auth/login', '/auth/register', '/auth/refresh', '/auth/logout'];
    const foreign: [string, Record<string, string>][] = [
      ['a foreign origin', { origin: 'https://evil.example' }],
      ['the null origin', { origin: 'null' }],
      ['a suffix of an allowed origin', { origin: 'https://front.example.evil.example' }],
      ['an allowed host with another scheme', { origin: 'http://front.example' }],
      ['an allowed host with another port', { origin: 'https://front.example:8443' }],
      ['no origin, but a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ];
    test.each(foreign)('%s is refused on every route that cookies speak for', async (_, headers) => {
      const browser = await Browser.signedUp(app);
      for (const route of routes) {
        const response = await browser.post(route, { body: browser.account, headers });
        expect(response.status).toBe(403);
        expect(response.body.code).toBe('origin_not_allowed');
        expect(response.headers['set-cookie']).toBeUndefined();
      }
      expect((await browser.me()).status).toBe(200);
    });

    test('an allowed front end and the own origin may sign in, refresh and log out', async () => {
      for (const origin of ['https://front.example', 'http://app.local:8000']) {
        const browser = await Browser.signedUp(app);
        const headers = { origin, host: 'app.local:8000' };
        expect((await browser.post('/auth/login', { body: browser.account, headers })).status).toBe(200);
        expect((await browser.refresh({ headers })).status).toBe(200);
        expect((await browser.post('/auth/logout', { headers })).status).toBe(200);
      }
    });
  });

  test('the rate limit of sign-in answers 429 with Retry-After, and others are counted by user', async () => {
    const limited = await startTestApp({ RATE_LIMITS: 'general=6/1m,auth=4/1m' });
    try {
      const [a, b] = [await Browser.signedUp(limited), await Browser.signedUp(limited)];
      const refused = await a.login();
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      for (const browser of [a, b]) for (let i = 0; i < 6; i++) expect((await browser.me()).status).toBe(200);
      expect((await a.me()).status).toBe(429);
    } finally {
      await limited.close();
    }
  });

  test('secure cookies carry prefixes, and the plain names count for nothing', async () => {
    const secure = await startTestApp({ ...SECRETS, COOKIE_SECURE: 'on', COOKIE_SAMESITE: 'strict' });
    try {
      const browser = await Browser.signedUp(secure);
      const common = { samesite: 'Strict', secure: true, expires: expect.any(String) };
      expect(
        Object.fromEntries([...browser.jar].map(([name, { attributes }]) => [name, attributes])),
      ).toEqual({
        '__Secure-refresh_token': { ...common, path: '/auth', httponly: true, 'max-age': '604800' },
        '__Host-csrf_token': { ...common, path: '/', 'max-age': '604800' },
        '__Secure-device': { ...common, path: '/auth', httponly: true, 'max-age': YEAR },
      });
      const plain = { refresh_token: browser.cookies()['__Secure-refresh_token'] ?? '' };
      expect((await browser.refresh({ cookies: plain })).status).toBe(401);
      expect((await browser.refresh()).status).toBe(200);
      await browser.post('/auth/logout');
      expect([...browser.jar.keys()]).toEqual(['__Secure-device']);
    } finally {
      await secure.close();
    }
  });
});
