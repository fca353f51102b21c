import type { LlmChunk, LlmOptions, LlmResult } from './llm.types.js';

/** A language model that turns a prompt into text. */
export abstract class LlmClient {
  abstract readonly modelId: string;

  /** Throws `llm_unavailable` (retry later) or `llm_failed` (it refused or its answer is unusable). */
  abstract generate(prompt: string, options?: LlmOptions): Promise<LlmResult>;

  /** Pieces of text as they come; the last one carries the usage. */
  abstract stream(prompt: string, options?: LlmOptions): AsyncIterable<LlmChunk>;
}
