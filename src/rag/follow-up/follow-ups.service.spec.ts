import { jest } from '@jest/globals';
import { FakeGemini } from '../../../test/support/fake-gemini.js';
import type { Turn } from '../../conversations/conversations.types.js';
import type { LexicalService } from '../../lexical/lexical.service.js';
import { GeminiClient } from '../../llm/adapters/gemini/gemini-client.js';
import { LlmService } from '../../llm/llm.service.js';
import { FollowUps } from './follow-ups.service.js';

const TURNS: Turn[] = [
  {
    question: 'Who designed the bridge?',
    standalone: 'Who designed the bridge?',
    answer: 'Othmar Kessler.',
    supported: true,
  },
];
const words = (text: string) => text.toLowerCase().match(/\p{L}+/gu) ?? [];

describe('a follow-up question whose rewriting fails', () => {
  let fake: FakeGemini;
  let followUps: FollowUps;
  beforeAll(async () => {
    fake = await FakeGemini.start();
    followUps = new FollowUps(
      new LlmService(new GeminiClient({ apiKey: fake.key, model: fake.model, baseUrl: fake.url })),
      { analyse: words } as unknown as LexicalService,
    );
  });
  afterEach(() => {
    jest.restoreAllMocks();
    fake.reset();
  });
  afterAll(() => fake.stop());

  test('takes words of the turns before where the model was cut off', async () => {
    fake.next({ finishReason: 'MAX_TOKENS', answer: 'When was the bridge that Othmar' });
    await expect(followUps.standalone('When was it opened?', TURNS, {})).resolves.toMatch(
      /^When was it opened\? \(.*bridge/,
    );
  });

  test('takes words of the turns before after a few seconds', async () => {
    const timeout = AbortSignal.timeout.bind(AbortSignal);
    const asked = jest.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => timeout(ms / 40));
    fake.next({ hang: true });
    const signal = new AbortController().signal;
    await expect(followUps.standalone('When was it opened?', TURNS, { signal })).resolves.toMatch(
      /^When was it opened\? \(.*bridge/,
    );
    expect(asked.mock.calls).toContainEqual([8_000]);
    await fake.requests[0]?.closed;
  });

  test('ends with the client', async () => {
    fake.next({ hang: true });
    const leaving = new AbortController();
    const asked = followUps.standalone('When was it opened?', TURNS, { signal: leaving.signal });
    while (fake.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    leaving.abort(new Error('left'));
    await expect(asked).rejects.toThrow('left');
    await fake.requests[0]?.closed;
  });
});
