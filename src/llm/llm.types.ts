/** One call of a language model. */
export interface LlmCall {
  signal?: AbortSignal | undefined;
  /** What the model is told before the prompt, out of reach of what stands in it. */
  system?: string | undefined;
  /** Most tokens of the answer, thoughts included. */
  maxOutputTokens?: number | undefined;
}

export interface LlmOptions extends LlmCall {
  /** Whose budget and whose share of the concurrency it is. */
  userId?: string | undefined;
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
  /** The text ends at the limit of tokens, not at its end. */
  cut: boolean;
}

export interface LlmChunk {
  text: string;
  usage?: LlmUsage | undefined;
  /** With the last one: the answer ends at the limit of tokens, not at its end. */
  cut?: boolean | undefined;
}

/** For health: `degraded` is configured but does not answer, `detail` says why. */
export type LlmState =
  | { state: 'none' }
  | { state: 'ready'; model: string }
  | { state: 'degraded'; model: string; detail: string };

/** What a user has used of a day's tokens; a limit of null is none. */
export interface LlmBudgetState {
  /** UTC day, such as `2026-11-25`. */
  day: string;
  used: number;
  limit: number | null;
  /** When the next day begins. */
  resetsAt: Date;
}
