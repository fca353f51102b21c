import { inspect } from 'node:util';
import { GeminiClient } from '../../src/llm/adapters/gemini/gemini-client.js';
import { FakeGemini } from '../support/fake-gemini.js';
import { code, collect, describeLlmClient } from './llm-client.contract.js';

let fake: FakeGemini;
let client: GeminiClient;
const make = (options: { apiKey?: string; model?: string } = {}): GeminiClient =>
  new GeminiClient({
    apiKey: fake.key,
    model: fake.model,
    baseUrl: fake.url,
    ...options,
  });

beforeAll(async () => {
  fake = await FakeGemini.start();
  client = make();
});
afterEach(() => fake.reset());
afterAll(() => fake.stop());

describe('Gemini', () => {
  describeLlmClient(() => ({
    client,
    willAnswer: (pieces) => fake.next({ answer: pieces }),
    willRefuse: () => fake.next({ finishReason: 'SAFETY' }),
    willBeDown: () => fake.next({ status: 503 }, { status: 503 }, { status: 503 }),
    willHang: () => fake.next({ hang: true }),
    willBreakAfter: (pieces) => fake.next({ pieces, finally: 'cut' }),
  }));

  test('sends the prompt as it is and the key in a header, never in the address', async () => {
    await client.generate('Was kostet "das"?\n</s>');
    expect(fake.requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: `/v1beta/models/${fake.model}:generateContent`,
        key: fake.key,
        prompt: 'Was kostet "das"?\n</s>',
      }),
    ]);
  });

  test('asks once: repeating is the business of the service', async () => {
    for (const status of [500, 429, 400, 403, 404]) {
      fake.reset();
      fake.next({ status });
      await expect(client.generate('?')).rejects.toMatchObject({ retry: status === 500 || status === 429 });
      expect(fake.requests).toHaveLength(1);
    }
  });

  test.each([
    ['in the details', { retryDelay: '34s' }, 34],
    ['in the details, with a fraction', { retryDelay: '2.4s' }, 3],
    ['in a header', { retryAfter: '7' }, 7],
    ['in a header with a date', { retryAfter: new Date(Date.now() + 3_600_000).toUTCString() }, 3600],
  ])('a used-up quota tells when to come back (%s)', async (_name, extra, wait) => {
    fake.next({ status: 429, ...extra });
    const error: unknown = await client.generate('?').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'llm_unavailable', retry: true });
    expect((error as { wait: number }).wait).toBeGreaterThan(wait - 60);
    expect((error as { retryAfter: number }).retryAfter).toBeLessThanOrEqual(wait);
  });

  test('the system instruction and the limit of the answer are sent apart from the prompt', async () => {
    await client.generate('the prompt', { system: 'the rules', maxOutputTokens: 77 });
    expect(fake.requests[0]).toMatchObject({ prompt: 'the prompt', system: 'the rules' });
    expect(fake.requests[0]?.body).toMatchObject({ generationConfig: { maxOutputTokens: 77 } });
  });

  test.each([
    ['a wrong key', { apiKey: 'AIza-another' }, /GOOGLE_API_KEY/],
    ['an unknown model', { model: 'gemini-none' }, /"gemini-none".*GEMINI_MODEL/],
  ])('%s names the variable to correct', async (_name, options, detail) => {
    const wrong = make(options);
    const expected = { code: 'llm_unavailable', detail: expect.stringMatching(detail) };
    await expect(wrong.generate('?')).rejects.toMatchObject(expected);
    await expect(collect(wrong.stream('?'))).rejects.toMatchObject(expected);
    await expect(wrong.check()).rejects.toMatchObject(expected);
  });

  test('an error shows neither the key nor the words of the server', async () => {
    for (const status of [400, 403, 429, 500]) {
      fake.next({ status }, { status }, { status });
      const error: unknown = await client.generate('?').catch((thrown: unknown) => thrown);
      expect(inspect(error, { depth: 10 })).not.toContain(fake.key);
      expect(error).toMatchObject({ detail: expect.not.stringMatching(/invalid argument|quota\.|internal/) });
      fake.reset();
    }
  });

  test('a blocked prompt and an empty answer are llm_failed', async () => {
    fake.next({ blockReason: 'PROHIBITED_CONTENT' });
    await expect(client.generate('?')).rejects.toMatchObject({
      code: 'llm_failed',
      detail: expect.stringContaining('PROHIBITED_CONTENT'),
    });
    fake.next({ answer: '' });
    await expect(client.generate('?')).rejects.toEqual(code('llm_failed'));
    fake.next({ blockReason: 'SAFETY' });
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_failed'));
    fake.next({ answer: [] });
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_failed'));
  });

  test('an answer cut by the limit of tokens is still an answer', async () => {
    fake.next({ finishReason: 'MAX_TOKENS', answer: 'It was opened in' });
    await expect(client.generate('?')).resolves.toMatchObject({ text: 'It was opened in', cut: true });
  });

  test('thoughts are not part of the answer', async () => {
    fake.next({ thought: 'They ask about a bridge.', answer: 'Yes.' });
    await expect(client.generate('?')).resolves.toMatchObject({ text: 'Yes.' });
    fake.next({ thought: 'They ask about a bridge.', answer: 'Yes.' });
    expect((await collect(client.stream('?'))).map((chunk) => chunk.text).join('')).toBe('Yes.');
  });

  test.each([
    ['words that are no JSON', { raw: 'data: {"candidates": [{"con\r\n\r\n' }],
    ['a page of a proxy', { raw: '<html>Sign in</html>' }],
    ['JSON of another shape', { raw: 'data: {"candidates": {"content": 7}}\r\n\r\n' }],
    ['no candidates', { candidates: [] }],
    ['an empty candidate', { candidates: [{}] }],
    ['a candidate without parts', { candidates: [{ content: { role: 'model' }, finishReason: 'STOP' }] }],
    ['a safety block', { finishReason: 'SAFETY' }],
    ['a recitation in the middle', { finishReason: 'RECITATION', answer: 'It was' }],
    ['an end without an ending', { pieces: ['The span'], finally: 'end' }],
  ] as const)('%s is llm_failed, in both ways of asking', async (_name, turn) => {
    fake.next(turn);
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_failed'));
    if ('finally' in turn) return;
    fake.next(turn);
    await expect(client.generate('?')).rejects.toEqual(code('llm_failed'));
  });

  test('a reader that stops early closes the connection', async () => {
    fake.next({ pieces: ['The span ', 'is '], finally: 'silence' });
    for await (const chunk of client.stream('?')) {
      expect(chunk.text).toBe('The span ');
      break;
    }
    await fake.requests[0]?.closed;
  });
});
