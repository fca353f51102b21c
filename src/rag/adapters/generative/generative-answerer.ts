import type { LlmService } from '../../../llm/llm.service.js';
import type { LlmUsage } from '../../../llm/llm.types.js';
import type { AnswerEvent, AnswerRequest } from '../../answer.types.js';
import type { Analyse } from '../../analyse.types.js';
import { Answerer } from '../../answerer.port.js';
import { fitPassages } from '../../answering/context.js';
import { NO_ANSWER_TEXT } from '../../answering/no-answer.js';
import { NO_ANSWER, renderAnswerPrompt, type RenderPrompt } from '../../answering/prompt.js';
import { Breath } from './breath.js';
import { CitationParser, type AnswerPiece } from './citation-parser.js';
import { Citations } from './citations.js';
import { deniesSources } from './denial.js';
import { NoAnswerWord } from './no-answer-word.js';
import { Wording } from './wording.js';

const UNVERIFIED = 'No passage of the documents could be verified as the source of this answer.';
/** In `degraded`: the answer ends at the limit of tokens. */
const CUT = 'llm_answer_cut';
const DEFAULT_CONTEXT_TOKENS = 8000;

export interface GenerativeOptions {
  /** As the word index has them. */
  analyse: Analyse;
  render?: RenderPrompt;
  /** Tokens of passages that are sent along. */
  contextTokens?: number | undefined;
}

/** Lets the language model answer and checks every quote it gives against the passages. */
export class GenerativeAnswerer extends Answerer {
  private readonly render: RenderPrompt;
  private readonly contextTokens: number;

  constructor(
    private readonly llm: LlmService,
    private readonly options: GenerativeOptions,
  ) {
    super();
    this.render = options.render ?? renderAnswerPrompt;
    this.contextTokens = options.contextTokens ?? DEFAULT_CONTEXT_TOKENS;
  }

  get modelId(): string {
    return this.llm.modelId ?? 'none';
  }

  async *answer({ question, passages, signal, userId }: AnswerRequest): AsyncGenerator<AnswerEvent> {
    signal?.throwIfAborted();
    const shown = fitPassages(passages, this.contextTokens);
    if (shown.length === 0) {
      yield { type: 'token', text: NO_ANSWER_TEXT };
      yield { type: 'done', supported: false, model: this.modelId, usage: null, degraded: [] };
      return;
    }
    const parser = new CitationParser();
    const citations = new Citations(shown, this.options.analyse);
    const word = new NoAnswerWord(NO_ANSWER);
    const wording = new Wording();
    let usage: LlmUsage | null = null;
    let cut = false;
    const breath = new Breath();
    const emit = async function* (pieces: Iterable<AnswerPiece>): AsyncGenerator<AnswerEvent> {
      for (const piece of pieces) {
        if (piece.kind === 'text') yield* wording.text(word.push(piece.text));
        else {
          yield* wording.text(word.flush());
          if (!word.alone) yield* wording.marks(citations.resolve(piece, wording.claim()));
        }
        await breath.take();
      }
    };
    const { system, prompt } = this.render(question, shown);
    for await (const chunk of this.llm.stream(prompt, { system, signal, userId })) {
      usage = chunk.usage ?? usage;
      cut ||= chunk.cut ?? false;
      yield* emit(parser.push(chunk.text));
    }
    yield* emit(parser.end(cut));
    yield* wording.text(word.flush());
    yield* wording.end();
    const supported = citations.count > 0;
    if (!supported && word.found && wording.said.trim() === '') yield { type: 'token', text: NO_ANSWER_TEXT };
    else if (!supported && !deniesSources(wording.said)) yield { type: 'token', text: `\n\n${UNVERIFIED}` };
    // Nothing of "no answer" is missing.
    const degraded = cut && !word.alone ? [CUT] : [];
    yield { type: 'done', supported, model: this.modelId, usage, degraded };
  }
}
