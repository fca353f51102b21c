import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTestApp, type TestApp } from '../support/app.js';
import { Browser } from '../support/browser.js';
import { clearOfMidnight } from '../support/clock.js';
import { FakeGemini } from '../support/fake-gemini.js';

const until = async (met: () => boolean | Promise<boolean>, what: string): Promise<void> => {
  for (const end = Date.now() + 120_000; !(await met());) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

/** The language model as clients meet it: Google's SDK against a server that speaks its protocol. */
describe('the language model', () => {
  let fake: FakeGemini;
  let app: TestApp;
  let ada: Browser;
  let bob: Browser;

  beforeAll(async () => {
    fake = await FakeGemini.start();
    app = await startTestApp({
      GOOGLE_API_KEY: fake.key,
      GEMINI_MODEL: fake.model,
      GEMINI_BASE_URL: fake.url,
      LLM_TOKENS_PER_USER: '100',
      LLM_TOKENS_PER_DAY: '250',
    });
    ada = await Browser.signedUp(app);
    bob = await Browser.signedUp(app);
  });
  afterAll(async () => {
    await app?.close();
    await fake?.stop();
  });
  beforeEach(async () => {
    // The day that is counted must not end in a test.
    await clearOfMidnight();
    fake.reset();
    await app.source.query('delete from llm_user_usage');
    await app.source.query('delete from llm_daily_usage');
  });

  const generate = (browser: Browser, extra: object = {}) =>
    browser.post('/llm/generate', { body: { prompt: 'What is a bridge?', ...extra } });

  /** A request whose answer is read as the test likes. */
  const open = (path: string, body: object): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => {
      const { port } = app.app.getHttpServer().address() as AddressInfo;
      const request = http.request(
        {
          port,
          path,
          method: 'POST',
          headers: { authorization: `Bearer ${ada.token}`, 'content-type': 'application/json' },
        },
        (response) => resolve(response.on('error', () => undefined)),
      );
      request.on('error', reject);
      request.end(JSON.stringify(body));
    });

  describe('budgets', () => {
    it('stop a user at the first request after the limit, until the next day', async () => {
      for (let i = 0; i < 3; i++) expect((await generate(ada)).status).toBe(200);
      const usage = await ada.get('/llm/usage');
      expect(usage.body).toMatchObject({ used: 129, limit: 100, day: new Date().toISOString().slice(0, 10) });
      for (const extra of [{}, { stream: true }]) {
        const refused = await generate(ada, extra);
        expect(refused.status).toBe(429);
        expect(refused.body).toMatchObject({ code: 'llm_budget_exhausted' });
        const wait = Number(refused.headers['retry-after']);
        expect(wait).toBeGreaterThan(0);
        expect(wait).toBeLessThanOrEqual(86_400);
      }
      expect(fake.requests).toHaveLength(3);
      expect((await generate(bob)).status).toBe(200);
      await app.source.query('update llm_user_usage set day = day - 1');
      expect((await generate(ada)).status).toBe(200);
    });

    it('stop everybody when the day is used up', async () => {
      const third = await Browser.signedUp(app);
      const users = [ada, bob, third];
      for (const user of [...users, ...users]) await generate(user);
      expect((await generate(third)).body).toMatchObject({
        code: 'llm_budget_exhausted',
        detail: /server/,
      });
      expect(fake.requests).toHaveLength(6);
    });

    it('are passed by one answer at most, however many ask at once', async () => {
      const answers = await Promise.all(Array.from({ length: 20 }, () => generate(ada)));
      expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
      const { body } = await ada.get('/llm/usage');
      expect(body.used).toBeLessThan(100 + 43);
      expect(fake.requests.length).toBeLessThanOrEqual(3);
    });

    it('are given back what a failed request did not use, and count what a client saw before it left', async () => {
      fake.next({ blockReason: 'SAFETY' });
      expect((await generate(ada)).status).toBe(502);
      expect((await ada.get('/llm/usage')).body.used).toBe(0);
      fake.next({ pieces: ['A long way '.repeat(10)], finally: 'silence' });
      const response = await open('/llm/generate', { prompt: 'x', stream: true });
      response.once('data', () => response.destroy());
      await until(async () => {
        const { used } = (await ada.get('/llm/usage')).body;
        return used > 30 && used < 100;
      }, 'the tokens of the abandoned answer');
    });

    it('belong to the user and go with the account', async () => {
      const gone = await Browser.signedUp(app);
      await generate(gone);
      const { id } = (await gone.me()).body;
      await app.source.query('delete from collections where owner_id = $1', [id]);
      await app.source.query('delete from users where id = $1', [id]);
      expect(await app.source.query('select 1 from llm_user_usage where user_id = $1', [id])).toEqual([]);
    });
  });

  it('stops when the client leaves, and when an answer has no end', async () => {
    fake.next({ pieces: ['A '], finally: 'silence' });
    const left = await open('/llm/generate', { prompt: 'x', stream: true });
    left.once('data', () => left.destroy());
    await until(() => fake.requests.length === 1, 'the request');
    await fake.requests[0]?.closed;

    fake.next({ flood: true });
    const unread = await open('/llm/generate', { prompt: 'x', stream: true });
    unread.pause();
    await until(() => fake.requests.length === 2, 'the second request');
    await fake.requests[1]?.closed;
    unread.destroy();
  });
});
