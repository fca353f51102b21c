import { jest } from '@jest/globals';
import { HashingProcess } from '../../src/auth/passwords/hashing-process.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

describe('requests that are broken off while their password is hashed', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app?.close());
  afterEach(() => jest.restoreAllMocks());

  test('keep their slots until the hash ends: hanging up and asking again makes no more of them run', async () => {
    const browser = await Browser.signedUp(app);
    const url = await app.app.getUrl();
    let finish = (): void => undefined;
    const held = new Promise<void>((resolve) => (finish = resolve));
    let started = 0;
    let running = 0;
    let most = 0;
    const hashing = app.app.get(HashingProcess, { strict: false });
    const run = hashing.run.bind(hashing) as (task: unknown) => Promise<never>;
    jest.spyOn(hashing, 'run').mockImplementation(async (task: unknown) => {
      started++;
      most = Math.max(most, ++running);
      await held;
      try {
        return await run(task);
      } finally {
        running--;
      }
    });
    const login = (account: object, signal?: AbortSignal): Promise<Response> =>
      fetch(`${url}/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(account),
        ...(signal && { signal }),
      });
    const hangingUp = new AbortController();
    const broken = [1, 2].map((n) =>
      login({ email: `nobody${n}@example.com`, password: 'not the right one' }, hangingUp.signal),
    );
    while (started < 2) await pause(20);
    hangingUp.abort();
    for (const each of broken) await expect(each).rejects.toThrow();
    // Seen by the server by then, as is the request behind them.
    const next = login(browser.account);
    await pause(1000);
    expect(started).toBe(2);
    finish();
    expect((await next).status).toBe(200);
    expect(started).toBeGreaterThan(2);
    expect(most).toBe(2);
  });
});
