import { AppError } from '../common/errors/app-error.js';
import type { LlmBudget, Reservation } from './llm-budget.service.js';
import type { LlmClient } from './llm-client.port.js';
import { RemoteFailure } from '../common/resilience/remote-failure.js';
import { LlmAttempt } from './llm-attempt.js';
import { LlmTraffic, type LlmLimits } from './llm-traffic.js';
import type { LlmCall, LlmChunk, LlmOptions, LlmResult, LlmState, LlmUsage } from './llm.types.js';

/** How long an answer about the model's state holds: health is asked every few seconds. */
const STATE_MS = 60_000;
const MAX_OUTPUT_TOKENS = 8192;
/** Code units for each token: few for an estimate that is rather too high, many for the most there can be. */
const UNITS_PER_TOKEN = 3;
const MOST_UNITS_PER_TOKEN = 16;

export interface LlmServiceOptions {
  limits?: Partial<LlmLimits>;
  budget?: Pick<LlmBudget, 'reserve'>;
  /** Most tokens of an answer where the caller does not say. */
  maxOutputTokens?: number;
}

const estimate = (text: string): number => Math.ceil(text.length / UNITS_PER_TOKEN);
const totalOf = ({ total_tokens: total, prompt_tokens: prompt, completion_tokens: said }: LlmUsage) =>
  total ?? (prompt === null && said === null ? null : (prompt ?? 0) + (said ?? 0));

/** The configured language model, or the plain word that there is none. */
export class LlmService {
  private readonly traffic: LlmTraffic;
  private checked: { state: LlmState; until: number } | undefined;
  private checking: Promise<LlmState> | undefined;

  constructor(
    private readonly client: LlmClient | null,
    private readonly options: LlmServiceOptions = {},
  ) {
    this.traffic = new LlmTraffic(options.limits);
  }

  configured(): boolean {
    return this.client !== null;
  }

  /** Name of the configured model; null without one. */
  get modelId(): string | null {
    return this.client?.modelId ?? null;
  }

  /**
   * Throws `llm_not_configured`, `llm_unavailable`, `llm_failed`, `llm_budget_exhausted`, `too_many_requests`,
   * or the signal's reason.
   */
  async generate(prompt: string, options: LlmOptions = {}): Promise<LlmResult> {
    const client = this.required();
    const call = this.callOf(options);
    const { leave, reservation } = await this.admit(prompt, options, call);
    const attempt = new LlmAttempt();
    let used: number | undefined;
    try {
      const result = await this.traffic.once(
        (signal) => attempt.once(client.generate(prompt, { ...call, signal }), signal),
        options.signal,
      );
      used = totalOf(result.usage) ?? this.prompted(prompt, options) + estimate(result.text);
      return result;
    } finally {
      leave();
      await reservation?.settle(used ?? (attempt.mayBeBilled ? this.prompted(prompt, options) : 0));
    }
  }

  /** Pieces of text as they come, the usage with the last. Throws as `generate`; without a model at once. */
  stream(prompt: string, options: LlmOptions = {}): AsyncIterable<LlmChunk> {
    return this.pieces(this.required(), prompt, options);
  }

  /** Whether the model can be asked, as it was at most a minute ago. Never throws. */
  async state(): Promise<LlmState> {
    if (!this.client) return { state: 'none' };
    if (this.checked && this.checked.until > Date.now()) return this.checked.state;
    this.checking ??= this.check(this.client).finally(() => (this.checking = undefined));
    return this.checking;
  }

  private async *pieces(client: LlmClient, prompt: string, options: LlmOptions): AsyncGenerator<LlmChunk> {
    const call = this.callOf(options);
    const { leave, reservation } = await this.admit(prompt, options, call);
    const most = (call.maxOutputTokens ?? MAX_OUTPUT_TOKENS) * MOST_UNITS_PER_TOKEN;
    const attempt = new LlmAttempt();
    let said = 0;
    let usage: LlmUsage | undefined;
    try {
      const start = (signal: AbortSignal): AsyncIterable<LlmChunk> =>
        attempt.stream(client.stream(prompt, { ...call, signal }), signal);
      for await (const chunk of this.traffic.stream(start, options.signal)) {
        said += chunk.text.length;
        usage = chunk.usage ?? usage;
        if (said > most)
          throw new RemoteFailure('llm_failed', 'The language model did not come to an end.', {
            retry: false,
          });
        if (chunk.text !== '' || chunk.usage) yield chunk;
      }
    } finally {
      leave();
      // Who leaves early has been sent a part, or the model was at work on it, and bills that.
      const billed = said > 0 || attempt.mayBeBilled;
      const begun = billed ? this.prompted(prompt, options) + Math.ceil(said / UNITS_PER_TOKEN) : 0;
      await reservation?.settle((usage && totalOf(usage)) ?? begun);
    }
  }

  private async admit(
    prompt: string,
    options: LlmOptions,
    call: LlmCall,
  ): Promise<{ leave: () => void; reservation: Reservation | undefined }> {
    const leave = await this.traffic.enter(options.userId, options.signal);
    try {
      const tokens = this.prompted(prompt, options) + (call.maxOutputTokens ?? 0);
      return { leave, reservation: await this.options.budget?.reserve(options.userId, tokens) };
    } catch (error) {
      leave();
      throw error;
    }
  }

  private callOf({ system, maxOutputTokens }: LlmOptions): LlmCall {
    return { system, maxOutputTokens: maxOutputTokens ?? this.options.maxOutputTokens ?? MAX_OUTPUT_TOKENS };
  }

  private prompted(prompt: string, { system = '' }: LlmOptions): number {
    return estimate(prompt) + estimate(system);
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
