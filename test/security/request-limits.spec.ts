import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

describe('limits of requests', () => {
  let app: TestApp;
  afterEach(() => app?.close());

  const from = (ip: string): { headers: Record<string, string>; anonymous: true } => ({
    headers: { 'x-forwarded-for': ip },
    anonymous: true,
  });

  test('what is refused for its credential counts by address', async () => {
    app = await startTestApp({
      RATE_LIMITS: 'general=5/1m',
      TRUST_PROXY: '1',
      PUBLIC_URL: 'http://localhost:8000',
    });
    const nobody = new Browser(app);
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++)
      statuses.push(
        (
          await nobody.get('/auth/me', {
            headers: { 'x-forwarded-for': '192.0.2.7', authorization: `Bearer guess-${i}` },
            anonymous: true,
          })
        ).status,
      );
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    // Others are not touched, and an address cannot be made up behind the proxy.
    expect((await nobody.get('/auth/me', from('192.0.2.8'))).status).toBe(401);
    expect((await nobody.get('/auth/me', from('203.0.113.5, 192.0.2.7'))).status).toBe(429);
  });

  test('all requests of an address count together, also those to no route at all', async () => {
    app = await startTestApp({
      RATE_LIMITS: 'address=6/1m',
      TRUST_PROXY: '1',
      PUBLIC_URL: 'http://localhost:8000',
    });
    const nobody = new Browser(app);
    const paths = ['/health/live', '/nowhere', '/openapi.json', '/docs', '/auth/me', '/documents/%E0%A4%A'];
    for (const path of paths) expect((await nobody.get(path, from('2001:db8:0:7::1'))).status).not.toBe(429);
    const refused = await nobody.get('/health/live', from('2001:0DB8::7:ffff:0:0:2'));
    expect(refused.status).toBe(429);
    expect(refused.body.code).toBe('too_many_requests');
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect(refused.headers['ratelimit-limit']).toBe('6');
    expect(refused.headers['ratelimit-remaining']).toBe('0');
    expect(Number(refused.headers['ratelimit-reset'])).toBeGreaterThan(0);
    expect((await nobody.get('/health/live', from('2001:db8:0:8::1'))).status).toBe(200);
  });

  test('expensive routes have their own, stricter limit, and say what is left', async () => {
    app = await startTestApp({ RATE_LIMITS: 'general=50/1m,expensive=2/1m' });
    const user = await Browser.signedUp(app);
    const ask = () => user.post('/rag/rag_query', { body: { query: 'q' } });
    const [first, second, third] = [await ask(), await ask(), await ask()];
    expect([first.status, second.status, third.status]).toEqual([200, 200, 429]);
    expect(first.headers['ratelimit-remaining']).toBe('1');
    expect(second.headers['ratelimit-remaining']).toBe('0');
    expect(third.headers['ratelimit-limit']).toBe('2');
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0);
    const me = await user.me();
    expect(me.status).toBe(200);
    expect(me.headers['ratelimit-limit']).toBe('50');
  });

  test('without a proxy that is trusted, nobody chooses an address', async () => {
    app = await startTestApp({ RATE_LIMITS: 'general=3/1m' });
    const nobody = new Browser(app);
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++)
      statuses.push((await nobody.get('/health/live', from(`192.0.2.${i}`))).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });
});
