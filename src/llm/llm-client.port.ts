import type { LlmChunk, LlmOptions, LlmResult } from './llm.types.js';

/** A language model that turns a prompt into text. */
export abstract class LlmClient {
  abstract readonly modelId: string;

  /**
   * Throws `llm_unavailable` (retry later, or its configuration is wrong) or `llm_failed` (it refused or its
   * answer is unusable). When `signal` aborts, throws the signal's reason.
   */
  abstract generate(prompt: string, options?: LlmOptions): Promise<LlmResult>;

  /**
   * Pieces of text as they come; the last one carries the usage and may be empty. Throws as `generate` does,
   * also after some pieces. Whoever stops reading ends the work.
   */
  abstract stream(prompt: string, options?: LlmOptions): AsyncIterable<LlmChunk>;

  /** Resolves when the model can be asked; throws `llm_unavailable` with what to do. Costs no tokens. */
  abstract check(options?: LlmOptions): Promise<void>;
}
