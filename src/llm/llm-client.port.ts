import type { LlmCall, LlmChunk, LlmResult } from './llm.types.js';

/**
 * A language model that turns a prompt into text. Each call is one attempt: repeating, waiting and giving up are
 * decided in one place, by the service.
 */
export abstract class LlmClient {
  abstract readonly modelId: string;

  /**
   * Throws an `RemoteFailure`: `llm_unavailable` (retry later, or its configuration is wrong) or `llm_failed` (it
   * refused or its answer is unusable). When `signal` aborts, throws the signal's reason.
   */
  abstract generate(prompt: string, call?: LlmCall): Promise<LlmResult>;

  /**
   * Pieces of text as they come, empty ones as signs of life; the last one carries the usage and `cut`, and may be empty.
   * Throws as `generate` does, also after some pieces. Whoever stops reading ends the work.
   */
  abstract stream(prompt: string, call?: LlmCall): AsyncIterable<LlmChunk>;

  /** Resolves when the model can be asked; throws `llm_unavailable` with what to do. Costs no tokens. */
  abstract check(call?: Pick<LlmCall, 'signal'>): Promise<void>;
}
