import { Test } from '@nestjs/testing';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { FakeGemini } from '../../test/support/fake-gemini.js';
import { ProblemFilter } from '../common/http/problem.filter.js';
import { validationPipe } from '../common/http/validation.pipe.js';
import { GeminiClient } from './adapters/gemini/gemini-client.js';
import { LlmBudget } from './llm-budget.service.js';
import { LlmController } from './llm.controller.js';
import { LlmService } from './llm.service.js';

let fake: FakeGemini;
let withModel: NestExpressApplication;
let without: NestExpressApplication;

async function start(service: LlmService): Promise<NestExpressApplication> {
  const module = await Test.createTestingModule({
    controllers: [LlmController],
    providers: [
      { provide: LlmService, useValue: service },
      { provide: LlmBudget, useValue: {} },
    ],
  }).compile();
  const app = module.createNestApplication<NestExpressApplication>({ logger: false });
  app.useGlobalFilters(new ProblemFilter());
  app.useGlobalPipes(validationPipe());
  await app.listen(0, '127.0.0.1');
  return app;
}

beforeAll(async () => {
  fake = await FakeGemini.start();
  const client = new GeminiClient({ apiKey: fake.key, model: fake.model, baseUrl: fake.url });
  const service = new LlmService(client, { limits: { backoff: 1 } });
  [withModel, without] = await Promise.all([start(service), start(new LlmService(null))]);
});
afterEach(() => fake.reset());
afterAll(async () => {
  await Promise.all([withModel.close(), without.close()]);
  await fake.stop();
});

const post = (app: NestExpressApplication, body: object, accept = 'application/json') =>
  request(app.getHttpServer() as Parameters<typeof request>[0])
    .post('/llm/generate')
    .set('accept', accept)
    .send(body);

const events = (text: string): { event: string; data: unknown }[] =>
  [...text.matchAll(/^event: (.+)\ndata: (.+)$/gm)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data) as unknown,
  }));

const USAGE = { prompt_tokens: 12, completion_tokens: 31, total_tokens: 43 };

describe('POST /llm/generate', () => {
  test('answers with text, model and usage', async () => {
    fake.next({ answer: ['A ', 'bridge.'] });
    const response = await post(withModel, { prompt: 'What?' });
    expect(response.status).toBe(200);
    expect(response.body).toEqual({ response: 'A bridge.', model: fake.model, usage: USAGE, cut: false });
  });

  test.each([
    ['Accept', {}, 'text/event-stream'],
    ['stream: true', { stream: true }, 'application/json'],
  ])('answers with events when asked by %s', async (_name, extra, accept) => {
    fake.next({ answer: ['A ', 'bridge.'] });
    const response = await post(withModel, { prompt: 'What?', ...extra }, accept);
    expect(response.status).toBe(200);
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(events(response.text)).toEqual([
      { event: 'token', data: { text: 'A ' } },
      { event: 'token', data: { text: 'bridge.' } },
      { event: 'done', data: { model: fake.model, usage: USAGE, cut: false } },
    ]);
  });

  test.each([false, true])('says that it ends at the limit of tokens (stream: %s)', async (stream) => {
    fake.next({ finishReason: 'MAX_TOKENS', answer: 'A bri' });
    const { body, text } = await post(withModel, { prompt: 'What?', stream });
    expect(stream ? events(text).at(-1)?.data : body).toMatchObject({ cut: true });
  });

  test('a failure is a problem, in a stream an event with one', async () => {
    fake.next({ blockReason: 'SAFETY' });
    const whole = await post(withModel, { prompt: 'What?' });
    expect(whole.status).toBe(502);
    expect(whole.body).toMatchObject({ code: 'llm_failed', status: 502 });
    fake.next({ pieces: ['A '], finally: 'cut' });
    const streamed = events((await post(withModel, { prompt: 'What?', stream: true })).text);
    expect(streamed.map(({ event }) => event)).toEqual(['token', 'error']);
    expect(streamed[1]?.data).toMatchObject({
      code: expect.stringMatching(/^llm_/),
      request_id: expect.any(String),
    });
  });

  test('what fails before an answer begins is an ordinary problem, also where events were asked for', async () => {
    fake.next({ status: 429, retryDelay: '90s' });
    const response = await post(withModel, { prompt: 'What?', stream: true });
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('90');
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.body).toMatchObject({ code: 'llm_unavailable' });
  });

  test('without a model it is 503 and names the variable, in both ways of asking', async () => {
    for (const body of [{ prompt: 'What?' }, { prompt: 'What?', stream: true }]) {
      const response = await post(without, body);
      expect(response.status).toBe(503);
      expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(response.headers['retry-after']).toMatch(/^\d+$/);
      expect(response.body).toMatchObject({
        code: 'llm_not_configured',
        detail: expect.stringContaining('GOOGLE_API_KEY'),
      });
    }
  });

  test.each([
    [{}],
    [{ prompt: '' }],
    [{ prompt: '   ' }],
    [{ prompt: 7 }],
    [{ prompt: 'a\0b' }],
    [{ prompt: '\ud800' }],
    [{ prompt: 'x'.repeat(100_001) }],
    [{ prompt: 'x', stream: 'yes' }],
    [{ prompt: 'x', model: 'other' }],
  ])('refuses %j', async (body) => {
    const response = await post(withModel, body);
    expect(response.status).toBe(400);
    expect(response.body).toMatchObject({ code: 'validation_failed' });
    expect(fake.requests).toHaveLength(0);
  });

  test.each([false, true])('a client that leaves ends the work of the model (stream: %s)', async (stream) => {
    fake.next({ hang: true });
    const { port } = withModel.getHttpServer().address() as { port: number };
    const leaving = new AbortController();
    const asked = fetch(`http://127.0.0.1:${port}/llm/generate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'What?', stream }),
      signal: leaving.signal,
    }).then((response) => response.text());
    while (fake.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    leaving.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
    await fake.requests[0]?.closed;
  });
});

describe('LlmService', () => {
  test('tells its state and remembers it for a while', async () => {
    expect(await new LlmService(null).state()).toEqual({ state: 'none' });
    const options = { apiKey: fake.key, baseUrl: fake.url };
    const ready = new LlmService(new GeminiClient({ ...options, model: fake.model }));
    const [first] = await Promise.all([ready.state(), ready.state()]);
    expect(first).toEqual({ state: 'ready', model: fake.model });
    await ready.state();
    expect(fake.requests).toHaveLength(1);
    const wrong = new LlmService(new GeminiClient({ ...options, model: 'gemini-none' }));
    expect(await wrong.state()).toEqual({
      state: 'degraded',
      model: 'gemini-none',
      detail: expect.stringContaining('GEMINI_MODEL'),
    });
  });
});
