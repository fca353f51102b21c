import { LlmAttempt } from './llm-attempt.js';
import type { LlmChunk } from './llm.types.js';

type Ask = (attempt: LlmAttempt, answer: Promise<LlmChunk>, signal: AbortSignal) => Promise<unknown>;

async function* piecesOf(answer: Promise<LlmChunk>): AsyncGenerator<LlmChunk> {
  yield await answer;
}

describe.each<[string, Ask]>([
  ['once', (attempt, answer, signal) => attempt.once(answer, signal)],
  ['stream', (attempt, answer, signal) => attempt.stream(piecesOf(answer), signal).next()],
])('LlmAttempt.%s', (_way, ask) => {
  test('may be billed from its beginning, and when it is broken off', async () => {
    const attempt = new LlmAttempt();
    const leaving = new AbortController();
    let fail = (_error: Error): void => undefined;
    const answer = new Promise<LlmChunk>((_resolve, reject) => (fail = reject));
    expect(attempt.mayBeBilled).toBe(false);
    const asking = expect(ask(attempt, answer, leaving.signal)).rejects.toThrow('left');
    expect(attempt.mayBeBilled).toBe(true);
    leaving.abort();
    fail(new Error('left'));
    await asking;
    expect(attempt.mayBeBilled).toBe(true);
  });

  test('is not billed when the model failed, though its caller leaves before the next one', async () => {
    const attempt = new LlmAttempt();
    const leaving = new AbortController();
    const failed = Promise.reject<LlmChunk>(new Error('overloaded'));
    await expect(ask(attempt, failed, leaving.signal)).rejects.toThrow('overloaded');
    leaving.abort();
    expect(attempt.mayBeBilled).toBe(false);
  });
});
