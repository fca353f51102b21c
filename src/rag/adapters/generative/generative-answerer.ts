import type { LlmService } from '../../../llm/llm.service.js';
import type { LlmUsage } from '../../../llm/llm.types.js';
import type { AnswerEvent, AnswerRequest } from '../../answer.types.js';
import { Answerer } from '../../answerer.port.js';
import { NO_ANSWER_TEXT } from '../../no-answer.js';
import { NO_ANSWER, renderAnswerPrompt, type RenderPrompt } from '../../prompt.js';
import { CitationParser, type AnswerPiece } from './citation-parser.js';
import { Citations } from './citations.js';

const UNVERIFIED = 'No passage of the documents could be verified as the source of this answer.';
/** An answer that itself says that nothing was found needs no further remark. */
const DENIES = /\b(?:not|no|n't|cannot)\b/i;

/** Lets the language model answer and checks every quote it gives against the passages. */
export class GenerativeAnswerer extends Answerer {
  constructor(
    private readonly llm: LlmService,
    private readonly render: RenderPrompt = renderAnswerPrompt,
  ) {
    super();
  }

  get modelId(): string {
    return this.llm.modelId ?? 'none';
  }

  async *answer({ question, passages, signal }: AnswerRequest): AsyncGenerator<AnswerEvent> {
    signal?.throwIfAborted();
    if (passages.length === 0) {
      yield { type: 'token', text: NO_ANSWER_TEXT };
      yield { type: 'done', supported: false, model: this.modelId, usage: null };
      return;
    }
    const parser = new CitationParser();
    const citations = new Citations(passages);
    const opening = new Opening();
    let usage: LlmUsage | null = null;
    let said = '';
    const emit = function* (pieces: Iterable<AnswerPiece>): Generator<AnswerEvent> {
      for (const piece of pieces) {
        if (piece.kind === 'text') said += piece.text;
        yield* piece.kind === 'text'
          ? [{ type: 'token', text: piece.text } as const]
          : citations.resolve(piece);
      }
    };
    for await (const chunk of this.llm.stream(this.render(question, passages), { signal })) {
      usage = chunk.usage ?? usage;
      yield* emit(parser.push(opening.push(chunk.text)));
    }
    const denied = opening.denied;
    if (!denied) yield* emit(parser.push(opening.end()));
    yield* emit(parser.end());
    if (denied) yield { type: 'token', text: NO_ANSWER_TEXT };
    else if (!citations.verified && !(citations.count === 0 && DENIES.test(said)))
      yield { type: 'token', text: `\n\n${UNVERIFIED}` };
    yield {
      type: 'done',
      supported: !denied && citations.verified,
      model: this.modelId,
      usage,
    };
  }
}

/** Holds the beginning of an answer back until it is clear that it is not the word for "no answer". */
class Opening {
  denied = false;
  private held: string | null = '';

  push(text: string): string {
    if (this.denied) return '';
    if (this.held === null) return text;
    this.held += text;
    const start = this.held.replace(/^[\s"'`*]+/, '');
    if (start.startsWith(NO_ANSWER)) {
      this.denied = true;
      return '';
    }
    return NO_ANSWER.startsWith(start) ? '' : this.end();
  }

  end(): string {
    const held = this.held ?? '';
    this.held = null;
    return held;
  }
}
