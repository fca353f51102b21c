import { Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { ErrorCode } from '../../common/errors/error-table.js';
import type { AnswerEvent, AnswerRequest } from '../answer.types.js';
import { Answerer } from '../answerer.port.js';
import { FallbackAnswerer } from './fallback-answerer.js';

const done = (model: string): AnswerEvent => ({
  type: 'done',
  supported: true,
  model,
  usage: null,
  degraded: [],
});

class Scripted extends Answerer {
  constructor(
    readonly modelId: string,
    private readonly events: readonly AnswerEvent[],
    private readonly failure?: Error,
  ) {
    super();
  }

  async *answer(): AsyncGenerator<AnswerEvent> {
    yield* this.events;
    if (this.failure) throw this.failure;
  }
}

const token = (text: string): AnswerEvent => ({ type: 'token', text });
const failed = (code: ErrorCode): AppError => new AppError(code, 'No.');
const other = new Scripted('other', [token('quoted'), done('other')]);

async function run(first: Answerer, request: Partial<AnswerRequest> = {}): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  const answerer = new FallbackAnswerer(first, other);
  for await (const event of answerer.answer({ question: '?', passages: [], ...request })) events.push(event);
  return events;
}

describe('FallbackAnswerer', () => {
  beforeAll(() => Logger.overrideLogger(false));

  test('the first one answers as long as it can', async () => {
    const first = new Scripted('first', [token('hello'), done('first')]);
    for (const whole of [true, false])
      expect(await run(first, { whole })).toEqual([token('hello'), done('first')]);
  });

  test.each<ErrorCode>(['llm_unavailable', 'llm_failed', 'llm_budget_exhausted'])(
    'the other one answers after %s, and it is declared',
    async (code) => {
      const events = await run(new Scripted('first', [], failed(code)));
      expect(events).toEqual([token('quoted'), { ...done('other'), degraded: [code] }]);
    },
  );

  test.each<ErrorCode>(['too_many_requests', 'internal_error'])('%s is passed on', async (code) => {
    await expect(run(new Scripted('first', [], failed(code)))).rejects.toMatchObject({ code });
  });

  test('half an answer is replaced only while nobody has seen it', async () => {
    const first = new Scripted('first', [token('The span')], failed('llm_unavailable'));
    expect(await run(first, { whole: true })).toEqual([
      token('quoted'),
      { ...done('other'), degraded: ['llm_unavailable'] },
    ]);
    await expect(run(first)).rejects.toMatchObject({ code: 'llm_unavailable' });
  });

  test('whoever left gets no other answer', async () => {
    const reason = new Error('left');
    const first = new Scripted('first', [], failed('llm_unavailable'));
    await expect(run(first, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
