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
    silence: 400,
    backoff: 10,
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

  test('repeats what may pass, and nothing else', async () => {
    fake.next({ status: 500 }, { status: 429 }, { answer: 'at last' });
    await expect(client.generate('?')).resolves.toMatchObject({ text: 'at last' });
    fake.next({ status: 503 }, { answer: 'at last' });
    expect((await collect(client.stream('?'))).map((chunk) => chunk.text).join('')).toBe('at last');
    for (const status of [400, 403, 404]) {
      fake.reset();
      fake.next({ status });
      await expect(client.generate('?')).rejects.toMatchObject({ name: 'AppError' });
      expect(fake.requests).toHaveLength(1);
    }
  });

  test('a used-up quota says when to come back and does not keep the caller waiting', async () => {
    fake.next({ status: 429, retryDelay: '34s' });
    await expect(client.generate('?')).rejects.toMatchObject({ code: 'llm_unavailable', retryAfter: 34 });
    expect(fake.requests).toHaveLength(1);
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
    await expect(client.generate('?')).resolves.toMatchObject({ text: 'It was opened in' });
  });

  test('thoughts are not part of the answer', async () => {
    fake.next({ thought: 'They ask about a bridge.', answer: 'Yes.' });
    await expect(client.generate('?')).resolves.toMatchObject({ text: 'Yes.' });
    fake.next({ thought: 'They ask about a bridge.', answer: 'Yes.' });
    expect((await collect(client.stream('?'))).map((chunk) => chunk.text).join('')).toBe('Yes.');
  });

  test('a stream that ends without an ending or goes silent fails', async () => {
    fake.next({ pieces: ['The span'], finally: 'end' });
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_failed'));
    fake.next({ pieces: ['The span'], finally: 'silence' });
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_unavailable'));
  });

  test('a reader that stops early closes the connection', async () => {
    fake.next({ pieces: ['The span ', 'is '], finally: 'silence' });
    for await (const chunk of client.stream('?')) {
      expect(chunk.text).toBe('The span ');
      break;
    }
    await fake.requests[0]?.closed;
  });

  test('a slow reader is not a silent model', async () => {
    fake.next({ answer: ['one ', 'two ', 'three'] });
    let text = '';
    for await (const chunk of client.stream('?')) {
      text += chunk.text;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(text).toBe('one two three');
  });
});
