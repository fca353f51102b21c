import { AppError } from '../common/errors/app-error.js';
import type { LlmClient } from './llm-client.port.js';
import type { LlmChunk, LlmOptions, LlmResult, LlmState } from './llm.types.js';

/** How long an answer about the model's state holds: health is asked every few seconds. */
const STATE_MS = 60_000;

/** The configured language model, or the plain word that there is none. */
export class LlmService {
  private checked: { state: LlmState; until: number } | undefined;
  private checking: Promise<LlmState> | undefined;

  constructor(private readonly client: LlmClient | null) {}

  configured(): boolean {
    return this.client !== null;
  }

  /** Name of the configured model; null without one. */
  get modelId(): string | null {
    return this.client?.modelId ?? null;
  }

  /** Throws `llm_not_configured`, `llm_unavailable`, `llm_failed`, or the signal's reason. */
  generate(prompt: string, options?: LlmOptions): Promise<LlmResult> {
    return this.required().generate(prompt, options);
  }

  /** Pieces of text as they come, the usage with the last. Throws as `generate`; without a model at once. */
  stream(prompt: string, options?: LlmOptions): AsyncIterable<LlmChunk> {
    return this.required().stream(prompt, options);
  }

  /** Whether the model can be asked, as it was at most a minute ago. Never throws. */
  async state(): Promise<LlmState> {
    if (!this.client) return { state: 'none' };
    if (this.checked && this.checked.until > Date.now()) return this.checked.state;
    this.checking ??= this.check(this.client).finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async check(client: LlmClient): Promise<LlmState> {
    const state: LlmState = await client.check().then(
      () => ({ state: 'ready', model: client.modelId }),
      (error: unknown) => ({
        state: 'degraded',
        model: client.modelId,
        detail: error instanceof AppError ? error.detail : 'The language model cannot be checked.',
      }),
    );
    this.checked = { state, until: Date.now() + STATE_MS };
    return state;
  }

  private required(): LlmClient {
    if (!this.client)
      throw new AppError(
        'llm_not_configured',
        'Set GOOGLE_API_KEY on the server to use a language model. Answers from documents work without one.',
      );
    return this.client;
  }
}
