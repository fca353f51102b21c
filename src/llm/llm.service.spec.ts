import { FakeGemini, type FakeTurn } from '../../test/support/fake-gemini.js';
import { GeminiClient } from './adapters/gemini/gemini-client.js';
import type { LlmLimits } from './llm-traffic.js';
import { LlmService, type LlmServiceOptions } from './llm.service.js';

let fake: FakeGemini;
beforeAll(async () => {
  fake = await FakeGemini.start();
});
afterEach(() => fake.reset());
afterAll(() => fake.stop());

const service = (limits: Partial<LlmLimits> = {}, budget?: LlmServiceOptions['budget']): LlmService =>
  new LlmService(new GeminiClient({ apiKey: fake.key, model: fake.model, baseUrl: fake.url }), {
    limits: { backoff: 1, ...limits },
    ...(budget ? { budget } : {}),
  });

async function read(llm: LlmService, signal?: AbortSignal, userId?: string): Promise<string> {
  let text = '';
  for await (const chunk of llm.stream('?', { signal, userId })) text += chunk.text;
  return text;
}
const code = (expected: string): unknown => expect.objectContaining({ code: expected });
const asked = (): number => fake.requests.length;
const until = async (met: () => boolean): Promise<void> => {
  for (const end = Date.now() + 60_000; !met() && Date.now() < end;)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(met()).toBe(true);
};

describe('LlmService', () => {
  test.each<[string, FakeTurn[], number]>([
    ['overload', [{ status: 503 }, { status: 500 }], 3],
    ['a quota without a word on when', [{ status: 429 }], 2],
    ['a short wait that the model asks for', [{ status: 429, retryAfter: '1' }], 2],
    ['a connection cut before the answer', [{ pieces: [], finally: 'cut' }], 2],
    ['an end before the answer', [{ pieces: [], finally: 'end' }], 2],
    ['no candidates', [{ candidates: [] }], 2],
    ['words that are no JSON', [{ raw: 'data: {"cand\r\n\r\n' }], 2],
  ])('asks again after %s, in both ways of asking', async (_name, turns, requests) => {
    const llm = service();
    fake.next(...turns, { answer: 'at last' });
    await expect(read(llm)).resolves.toBe('at last');
    expect(asked()).toBe(requests);
    if (turns.some((turn) => 'finally' in turn)) return;
    fake.next(...turns, { answer: 'at last' });
    await expect(llm.generate('?')).resolves.toMatchObject({ text: 'at last' });
  });

  test('waits as long as the model asks before it asks again', async () => {
    fake.next({ status: 429, retryDelay: '1s' }, { answer: 'at last' });
    const startedAt = performance.now();
    await expect(read(service())).resolves.toBe('at last');
    expect(performance.now() - startedAt).toBeGreaterThan(990);
  });

  test.each<[string, FakeTurn, string]>([
    ['a long wait', { status: 429, retryDelay: '34s' }, 'llm_unavailable'],
    ['a wrong request', { status: 400 }, 'llm_failed'],
    ['a refused key', { status: 403 }, 'llm_unavailable'],
    ['a safety block', { blockReason: 'SAFETY' }, 'llm_failed'],
    ['a refusal in the middle', { finishReason: 'SAFETY', answer: 'It' }, 'llm_failed'],
    ['an answer that breaks off', { pieces: ['The span'], finally: 'cut' }, 'llm_unavailable'],
  ])('does not ask again after %s', async (_name, turn, expected) => {
    fake.next(turn);
    await expect(read(service())).rejects.toEqual(code(expected));
    expect(asked()).toBe(1);
  });

  test('gives up a model that does not begin, goes silent, or takes too long', async () => {
    fake.next({ hang: true }, { pieces: ['The span'], finally: 'silence' }, { hang: true });
    // One limit each: of two the wrong one could be first on a busy machine.
    const failed = (detail: RegExp) => ({ code: 'llm_unavailable', detail: expect.stringMatching(detail) });
    await expect(read(service({ firstToken: 300 }))).rejects.toMatchObject(failed(/begin/));
    await expect(read(service({ stall: 300 }))).rejects.toMatchObject(failed(/stopped/));
    await expect(service({ total: 300 }).generate('?')).rejects.toMatchObject({
      code: 'llm_unavailable',
      detail: /did not answer/,
    });
    expect(asked()).toBe(3);
    for (const { closed } of fake.requests) await closed;
  });

  test('a slow reader is not a silent model', async () => {
    fake.next({ answer: ['one ', 'two ', 'three'] });
    let text = '';
    for await (const chunk of service({ stall: 1500, total: 3000 }).stream('?')) {
      text += chunk.text;
      await new Promise((resolve) => setTimeout(resolve, 1600));
    }
    expect(text).toBe('one two three');
  });

  test('an answer without end is cut off', async () => {
    fake.next({ flood: true });
    await expect(read(service())).rejects.toMatchObject({ code: 'llm_failed', detail: /come to an end/ });
    await fake.requests[0]?.closed;
    expect(fake.flooded).toBeLessThan(20_000_000);
  });

  test('a reader that stops early ends the work of the model', async () => {
    fake.next({ pieces: ['The span ', 'is '], finally: 'silence' });
    for await (const chunk of service().stream('?')) {
      expect(chunk.text).toBe('The span ');
      break;
    }
    await fake.requests[0]?.closed;
  });

  test('a caller who leaves gets the reason at once, also between two attempts', async () => {
    const reason = new Error('the client left');
    const leaving = new AbortController();
    fake.next({ status: 429, retryDelay: '5s' }, { answer: 'for nobody' });
    const reading = expect(read(service(), leaving.signal)).rejects.toBe(reason);
    await until(() => asked() === 1);
    await fake.requests[0]?.closed;
    leaving.abort(reason);
    await reading;
    await expect(read(service(), leaving.signal)).rejects.toBe(reason);
    expect(asked()).toBe(1);
  });

  test('a model that keeps failing is given a pause, and is asked again after it', async () => {
    // Longer than what follows can take, and short enough to be waited for.
    const llm = service({ pause: 5000 });
    fake.next(...Array.from({ length: 6 }, () => ({ status: 503 })));
    for (let i = 0; i < 2; i++) await expect(read(llm)).rejects.toEqual(code('llm_unavailable'));
    expect(asked()).toBe(6);
    await expect(read(llm)).rejects.toMatchObject({
      code: 'llm_unavailable',
      retryAfter: 5,
      detail: /pause/,
    });
    expect(asked()).toBe(6);
    await new Promise((resolve) => setTimeout(resolve, 5100));
    await expect(read(llm)).resolves.toContain('bridge');
    await expect(read(llm)).resolves.toContain('bridge');
  });

  test('refusals are no reason for a pause', async () => {
    const llm = service();
    fake.next(...Array.from({ length: 8 }, () => ({ blockReason: 'SAFETY' })));
    for (let i = 0; i < 8; i++) await expect(read(llm)).rejects.toEqual(code('llm_failed'));
    await expect(read(llm)).resolves.toContain('bridge');
  });

  test('asks no more at the same time than allowed, for everybody and for each user', async () => {
    const llm = service({ concurrency: 3, concurrencyPerUser: 2 });
    const leaving = new AbortController();
    fake.otherwise = { hang: true };
    try {
      const users = ['ada', 'ada', 'ada', 'ada', 'bob', 'bob'];
      const reads = users.map((user) => read(llm, leaving.signal, user).catch(() => 'left'));
      await until(() => asked() === 3);
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(asked()).toBe(3);
      leaving.abort();
      await Promise.all(reads);
    } finally {
      fake.otherwise = { answer: 'free again' };
    }
    // Every place was given back.
    await expect(
      Promise.all(['ada', 'ada', 'bob'].map((user) => read(llm, undefined, user))),
    ).resolves.toEqual(['free again', 'free again', 'free again']);
    expect(asked()).toBe(6);
  });

  test('whoever finds the queue full is told so', async () => {
    const llm = service({ concurrency: 1, concurrencyPerUser: 1 });
    const leaving = new AbortController();
    fake.otherwise = { hang: true };
    const reads = Array.from({ length: 9 }, () => read(llm, leaving.signal, 'ada').catch(() => 'left'));
    await until(() => asked() === 1);
    await expect(read(llm, undefined, 'ada')).rejects.toEqual(code('too_many_requests'));
    fake.otherwise = { answer: 'free again' };
    leaving.abort();
    await Promise.all(reads);
    await expect(read(llm, undefined, 'ada')).resolves.toBe('free again');
  });

  test('who leaves the queue keeps no place in it', async () => {
    const llm = service({ concurrency: 1, concurrencyPerUser: 8 });
    const [bobLeaves, adaLeaves] = [new AbortController(), new AbortController()];
    fake.next({ hang: true }, { answer: 'for eve' });
    const bob = read(llm, bobLeaves.signal, 'bob').catch(() => 'left');
    await until(() => asked() === 1);
    const queue = (): Promise<string>[] =>
      Array.from({ length: 8 }, () => read(llm, adaLeaves.signal, 'ada'));
    const waiting = Promise.allSettled(queue());
    // The queue of eight is full of ada's.
    await expect(read(llm, undefined, 'eve')).rejects.toEqual(code('llm_unavailable'));
    adaLeaves.abort();
    expect((await waiting).every(({ status }) => status === 'rejected')).toBe(true);
    const eve = read(llm, undefined, 'eve');
    bobLeaves.abort();
    await expect(Promise.all([bob, eve])).resolves.toEqual(['left', 'for eve']);
    expect(asked()).toBe(2);
  });

  describe('of the budget', () => {
    const PROMPT = 'What does a bridge carry? '.repeat(30);
    const settled: number[] = [];
    const budget: LlmServiceOptions['budget'] = {
      reserve: () =>
        Promise.resolve({
          settle: (tokens) => {
            settled.push(tokens);
            return Promise.resolve();
          },
        }),
    };
    const ways: [string, (llm: LlmService, signal?: AbortSignal) => Promise<unknown>][] = [
      ['in one piece', (llm, signal) => llm.generate(PROMPT, { signal })],
      ['piece by piece', (llm, signal) => llm.stream(PROMPT, { signal })[Symbol.asyncIterator]().next()],
    ];
    beforeEach(() => (settled.length = 0));

    test.each(ways)('a question that its caller left at work counts, asked %s', async (_name, ask) => {
      const leaving = new AbortController();
      fake.next({ hang: true });
      const asking = expect(ask(service({}, budget), leaving.signal)).rejects.toThrow('left');
      await until(() => asked() === 1);
      leaving.abort(new Error('left'));
      await asking;
      expect(settled).toEqual([PROMPT.length / 3]);
    });

    test.each(ways)('so does one that took too long, asked %s', async (_name, ask) => {
      fake.next({ hang: true });
      const llm = service({ firstToken: 300, total: 300 }, budget);
      await expect(ask(llm)).rejects.toEqual(code('llm_unavailable'));
      expect(settled).toEqual([PROMPT.length / 3]);
    });

    test.each(ways)('what the model refused counts for nothing, asked %s', async (_name, ask) => {
      fake.next({ blockReason: 'SAFETY' });
      await expect(ask(service({}, budget))).rejects.toEqual(code('llm_failed'));
      expect(settled).toEqual([0]);
    });
  });
});
