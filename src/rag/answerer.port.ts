import type { AnswerEvent, AnswerRequest } from './answer.types.js';

/** Answers a question from passages, and only from them. */
export abstract class Answerer {
  /** Names who answers, as in the `model` of an answer. */
  abstract readonly modelId: string;

  /**
   * Text and citations as they come, then one `done`. When the passages do not answer, the text says so and
   * `supported` is false. Throws the errors of the language model where one is used, and the signal's reason.
   */
  abstract answer(request: AnswerRequest): AsyncIterable<AnswerEvent>;
}
