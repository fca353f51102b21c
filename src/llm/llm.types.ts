export interface LlmOptions {
  signal?: AbortSignal | undefined;
}

/** Tokens; null where the model did not tell. */
export interface LlmUsage {
  prompt_tokens: number | null;
  completion_tokens: number | null;
  total_tokens: number | null;
}

export interface LlmResult {
  text: string;
  model: string;
  usage: LlmUsage;
}

export interface LlmChunk {
  text: string;
  usage?: LlmUsage | undefined;
}
