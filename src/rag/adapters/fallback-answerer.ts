import { Logger } from '@nestjs/common';
import { AppError } from '../../common/errors/app-error.js';
import type { AnswerEvent, AnswerRequest } from '../answer.types.js';
import { Answerer } from '../answerer.port.js';

/** Failures of a language model that another way of answering makes up for. */
const REPLACEABLE: ReadonlySet<string> = new Set(['llm_unavailable', 'llm_failed', 'llm_budget_exhausted']);

/** Answers in another way where the first one cannot, and says so in `degraded`. */
export class FallbackAnswerer extends Answerer {
  private readonly logger = new Logger('Answers');

  constructor(
    private readonly first: Answerer,
    private readonly other: Answerer,
  ) {
    super();
  }

  get modelId(): string {
    return this.first.modelId;
  }

  async *answer(request: AnswerRequest): AsyncGenerator<AnswerEvent> {
    const held: AnswerEvent[] = [];
    let shown = false;
    let code: string;
    try {
      for await (const event of this.first.answer(request)) {
        if (request.whole) held.push(event);
        else {
          shown = true;
          yield event;
        }
      }
      yield* held;
      return;
    } catch (error) {
      request.signal?.throwIfAborted();
      // Half an answer that was shown cannot be taken back.
      if (shown || !(error instanceof AppError) || !REPLACEABLE.has(error.code)) throw error;
      code = error.code;
      this.logger.warn({ code, err: error.cause ?? error }, 'the documents are quoted instead of an answer');
    }
    for await (const event of this.other.answer(request))
      yield event.type === 'done' ? { ...event, degraded: [...event.degraded, code] } : event;
  }
}
