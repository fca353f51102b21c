import type { Answerer } from '../answerer.port.js';

/** Who answers where: both are the same without a language model, and differ in their prompt with one. */
export class Answerers {
  constructor(
    /** For `ask`. */
    readonly ask: Answerer,
    /** For `langchain_query`, with the original's template. */
    readonly chain: Answerer,
  ) {}
}
