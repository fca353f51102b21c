import { answerPassage } from '../../../../test/support/answer-passage.js';
import { leastTimeOf } from '../../../../test/support/clock.js';
import { analyse } from '../../../lexical/analyser/analyser.js';
import { LlmClient } from '../../../llm/llm-client.port.js';
import { LlmService } from '../../../llm/llm.service.js';
import type { LlmChunk, LlmResult } from '../../../llm/llm.types.js';
import type { AnswerEvent } from '../../answer.types.js';
import { GenerativeAnswerer } from './generative-answerer.js';

const text = 'It was opened in 1931. The engineer Othmar Kessler designed the bridge. '.repeat(30);
const PASSAGE = answerPassage(text, { docId: 'bridge' });

/** Says what it was told to in so many pieces, without a pause. */
class Speaker extends LlmClient {
  readonly modelId = 'speaker';

  constructor(private readonly pieces: readonly string[]) {
    super();
  }

  async *stream(): AsyncGenerator<LlmChunk> {
    for (const piece of this.pieces) yield { text: piece };
  }

  generate(): Promise<LlmResult> {
    throw new Error('it is asked for a stream');
  }

  async check(): Promise<void> {}
}

async function answer(...pieces: string[]): Promise<AnswerEvent[]> {
  const answerer = new GenerativeAnswerer(new LlmService(new Speaker(pieces)), { analyse });
  const events: AnswerEvent[] = [];
  for await (const event of answerer.answer({ question: 'Who?', passages: [PASSAGE] })) events.push(event);
  return events;
}

const shown = (events: readonly AnswerEvent[]): string =>
  events.map((event) => (event.type === 'token' ? event.text : '')).join('');

describe('an answer that does not come to an end', () => {
  test.each<[string, (n: number) => string[]]>([
    ['blanks', (n) => [' '.repeat(n)]],
    ['blanks inside a sentence', (n) => [`It was${' '.repeat(n)}opened.`]],
    ['tabs', (n) => [`a${'\t'.repeat(n)}`, 'b']],
    ['a table of blanks', (n) => [`| a${' '.repeat(500)}|\n`.repeat(n / 500)]],
    ['blanks piece by piece', (n) => Array.from({ length: n / 10 }, () => ' ')],
    ['brackets', (n) => ['['.repeat(n)]],
    ['marks without a quote', (n) => ['The engineer designed the bridge [1].'.repeat(n / 50)]],
    ['nothing but marks', (n) => [`${'.'.repeat(590)}x`, '[1]'.repeat(n / 10)]],
    ['quotes', (n) => ['[1: "Othmar Kessler designed"]'.repeat(n / 50)]],
    ['beginnings of quotes', (n) => ['[1: "'.repeat(n / 20)]],
  ])('takes time by length: %s', async (_name, pieces) => {
    const time = (n: number): Promise<number> => leastTimeOf(() => answer(...pieces(n)));
    const small = await time(25_000);
    expect(await time(100_000)).toBeLessThan(10 * small + 50);
  });

  test('shows a few hundred blanks in a row at most, however they come', async () => {
    const many = ' '.repeat(2_000);
    for (const pieces of [[`a${many}b`], ['a', many, many, 'b'], ['a', ...many, 'b']])
      expect(shown(await answer(...pieces))).toMatch(/^a {300}b\n\n/);
  });

  test('keeps the blanks that a table has', async () => {
    const table = `| a${' '.repeat(80)}| b |\n`;
    expect(shown(await answer(table, '[1: "Othmar Kessler designed"]'))).toBe(`${table}[1]`);
  });

  test('is one text where brackets begin nothing', async () => {
    const texts = (await answer('['.repeat(5_000))).filter((event) => event.type === 'token');
    expect(texts.length).toBeLessThan(5);
  });

  test('lets others come in', async () => {
    let turns = 0;
    let over = false;
    const count = (): void => {
      turns++;
      if (!over) setImmediate(count);
    };
    setImmediate(count);
    // As long as one may be, and several: on a fast machine one of them alone is soon told.
    for (let i = 0; i < 10; i++) await answer('Kessler designed it [1: "no words of it"]. '.repeat(3_000));
    over = true;
    expect(turns).toBeGreaterThan(3);
  });
});
