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

/** For health: `degraded` is configured but does not answer, `detail` says why. */
export type LlmState =
  | { state: 'none' }
  | { state: 'ready'; model: string }
  | { state: 'degraded'; model: string; detail: string };
