import type { LlmClient } from '../../src/llm/llm-client.port.js';
import type { LlmChunk } from '../../src/llm/llm.types.js';

/** How the suite makes the model behave. */
export interface LlmSubject {
  client: LlmClient;
  willAnswer(pieces: readonly string[]): void;
  willRefuse(): void;
  willBeDown(): void;
  willHang(): void;
  willBreakAfter(pieces: readonly string[]): void;
}

export async function collect(chunks: AsyncIterable<LlmChunk>): Promise<LlmChunk[]> {
  const all: LlmChunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

export const code = (expected: string): unknown => expect.objectContaining({ code: expected });

/** What every language model adapter does. */
export function describeLlmClient(subject: () => LlmSubject): void {
  const USAGE = { prompt_tokens: 12, completion_tokens: 31, total_tokens: 43 };

  test('generate gives the whole text, the model and the usage', async () => {
    const { client, willAnswer } = subject();
    willAnswer(['A bridge ', 'carries a way.']);
    const result = await client.generate('What is a bridge?');
    expect(result).toEqual({
      text: 'A bridge carries a way.',
      model: client.modelId,
      usage: USAGE,
      cut: false,
    });
  });

  test('stream gives the pieces as they come, the usage last', async () => {
    const { client, willAnswer } = subject();
    willAnswer(['Zwölf ', '桥 ', '🌉']);
    const chunks = await collect(client.stream('?'));
    expect(chunks.map((chunk) => chunk.text).join('')).toBe('Zwölf 桥 🌉');
    expect(chunks.filter((chunk) => chunk.text !== '').length).toBe(3);
    expect(chunks.at(-1)?.usage).toEqual(USAGE);
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === undefined)).toBe(true);
  });

  test('a refusal is llm_failed, in both ways of asking', async () => {
    const { client, willRefuse } = subject();
    willRefuse();
    await expect(client.generate('?')).rejects.toEqual(code('llm_failed'));
    willRefuse();
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_failed'));
  });

  test('a model that is down is llm_unavailable, in both ways of asking', async () => {
    const { client, willBeDown } = subject();
    willBeDown();
    await expect(client.generate('?')).rejects.toEqual(code('llm_unavailable'));
    willBeDown();
    await expect(collect(client.stream('?'))).rejects.toEqual(code('llm_unavailable'));
    willBeDown();
    await expect(client.check()).rejects.toEqual(code('llm_unavailable'));
  });

  test('aborting ends both ways of asking with the reason given', async () => {
    const { client, willHang } = subject();
    const reason = new Error('the client left');
    for (const ask of [
      (signal: AbortSignal) => client.generate('?', { signal }),
      (signal: AbortSignal) => collect(client.stream('?', { signal })),
    ]) {
      willHang();
      const controller = new AbortController();
      setTimeout(() => controller.abort(reason), 50);
      await expect(ask(controller.signal)).rejects.toBe(reason);
    }
    await expect(client.generate('?', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('a stream that breaks off gives its pieces and then fails: half an answer is not an answer', async () => {
    const { client, willBreakAfter } = subject();
    willBreakAfter(['The span ', 'is ']);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of client.stream('?')) seen.push(chunk.text);
    })();
    await expect(reading).rejects.toMatchObject({
      code: expect.stringMatching(/^llm_(failed|unavailable)$/),
    });
    expect(seen.join('')).toBe('The span is ');
  });

  test('a model that answers passes the check', async () => {
    await expect(subject().client.check()).resolves.toBeUndefined();
  });
}
