import { GoogleGenAI, type GenerateContentResponse } from '@google/genai';
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../../../common/errors/app-error.js';
import { LlmClient } from '../../llm-client.port.js';
import type { LlmChunk, LlmOptions, LlmResult, LlmUsage } from '../../llm.types.js';
import { toFailure } from './gemini-errors.js';

export interface GeminiOptions {
  apiKey: string;
  model: string;
  baseUrl?: string | undefined;
  /** Milliseconds without a sign of life after which a request is given up; a whole answer may take longer. */
  silence?: number;
  /** Milliseconds before the first of the repeated attempts; doubles with each. */
  backoff?: number;
}

const GOOGLE = 'https://generativelanguage.googleapis.com';
const ATTEMPTS = 3;
/** A wait that the server asks for beyond this is the client's to decide. */
const MAX_WAIT_S = 5;
const CHECK_MS = 5000;

/** Ends of an answer that are no answer: everything but a full stop and the limit of tokens. */
const COMPLETE = new Set(['STOP', 'MAX_TOKENS']);

/** Gemini through Google's SDK. Nothing is sent anywhere but to its own address. */
export class GeminiClient extends LlmClient {
  readonly modelId: string;
  private readonly sdk: GoogleGenAI;
  private readonly silence: number;
  private readonly backoff: number;

  constructor(private readonly options: GeminiOptions) {
    super();
    this.modelId = options.model;
    this.silence = options.silence ?? 60_000;
    this.backoff = options.backoff ?? 500;
    // All is said explicitly: what is left out the SDK would read from environment variables of its own.
    this.sdk = new GoogleGenAI({
      apiKey: options.apiKey,
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: {
        baseUrl: options.baseUrl ?? GOOGLE,
        apiVersion: 'v1beta',
        // Its own one lifts every limit of time from the process's dispatcher; ours below are shorter anyway.
        fetch: (input, init) => fetch(input, init),
      },
    });
  }

  async generate(prompt: string, options: LlmOptions = {}): Promise<LlmResult> {
    const response = await this.attempt(options.signal, this.silence, (abortSignal) =>
      this.sdk.models.generateContent({
        model: this.modelId,
        contents: prompt,
        config: abortable(abortSignal),
      }),
    );
    const text = textOf(response);
    const ending = endingOf(response);
    if (ending !== null && !COMPLETE.has(ending)) throw refused(ending);
    if (text === '') throw refused(ending ?? 'no text');
    return { text, model: response.modelVersion ?? this.modelId, usage: usageOf(response) };
  }

  async *stream(prompt: string, options: LlmOptions = {}): AsyncGenerator<LlmChunk> {
    const { signal } = options;
    const stop = new AbortController();
    const abortSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const silent = (): void => stop.abort(new Error(`no word for ${this.silence} ms`));
    let timer = setTimeout(silent, this.silence);
    try {
      // Only the start may be repeated: later the reader has already seen a part.
      const parts = await this.attempt(abortSignal, undefined, () => {
        timer.refresh();
        return this.sdk.models.generateContentStream({
          model: this.modelId,
          contents: prompt,
          config: { abortSignal },
        });
      });
      let seen = false;
      let ending: string | null = null;
      let usage: LlmUsage = { prompt_tokens: null, completion_tokens: null, total_tokens: null };
      for await (const part of parts) {
        clearTimeout(timer);
        const text = textOf(part);
        ending = endingOf(part) ?? ending;
        if (part.usageMetadata) usage = usageOf(part);
        if (text !== '') {
          seen = true;
          yield { text };
        }
        // A slow reader is not a silent model: the clock runs only while we wait for the model.
        timer = setTimeout(silent, this.silence);
      }
      if (ending === null) throw refused('the connection broke off');
      if (!COMPLETE.has(ending) || !seen) throw refused(ending);
      yield { text: '', usage };
    } catch (error) {
      signal?.throwIfAborted();
      throw toFailure(stop.signal.aborted ? stop.signal.reason : error, this.context).error;
    } finally {
      clearTimeout(timer);
      // The SDK leaves the connection open when its reader stops early.
      stop.abort();
    }
  }

  async check(options: LlmOptions = {}): Promise<void> {
    await this.attempt(
      options.signal,
      CHECK_MS,
      (abortSignal) => this.sdk.models.get({ model: this.modelId, config: abortable(abortSignal) }),
      1,
    );
  }

  private get context(): { model: string; key: string } {
    return { model: this.modelId, key: this.options.apiKey };
  }

  private async attempt<T>(
    signal: AbortSignal | undefined,
    timeout: number | undefined,
    work: (signal: AbortSignal | undefined) => Promise<T>,
    attempts = ATTEMPTS,
  ): Promise<T> {
    for (let tried = 1; ; tried++) {
      signal?.throwIfAborted();
      const limit = timeout === undefined ? undefined : AbortSignal.timeout(timeout);
      const both = [signal, limit].filter((one) => one !== undefined);
      try {
        return await work(both.length ? AbortSignal.any(both) : undefined);
      } catch (error) {
        signal?.throwIfAborted();
        const failure = toFailure(error, this.context);
        // One silence is enough: the caller has waited long.
        const again = failure.retry && !limit?.aborted && (failure.wait ?? 0) <= MAX_WAIT_S;
        if (!again || tried >= attempts) throw failure.error;
        const pause = failure.wait ? failure.wait * 1000 : this.backoff * 2 ** (tried - 1);
        await sleep(pause * (1 + Math.random() / 4), undefined, signal ? { signal } : {}).catch(() => {});
      }
    }
  }
}

/** The words of the answer, without the model's thoughts. */
function textOf(response: GenerateContentResponse): string {
  const parts = response.candidates?.[0]?.content?.parts ?? [];
  return parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
}

/** Why the answer ends; null while it goes on. */
function endingOf(response: GenerateContentResponse): string | null {
  return response.promptFeedback?.blockReason ?? response.candidates?.[0]?.finishReason ?? null;
}

function usageOf(response: GenerateContentResponse): LlmUsage {
  const usage = response.usageMetadata;
  const { candidatesTokenCount: said, thoughtsTokenCount: thought } = usage ?? {};
  return {
    prompt_tokens: usage?.promptTokenCount ?? null,
    // Thoughts are billed as output.
    completion_tokens: said === undefined && thought === undefined ? null : (said ?? 0) + (thought ?? 0),
    total_tokens: usage?.totalTokenCount ?? null,
  };
}

const abortable = (signal: AbortSignal | undefined): { abortSignal?: AbortSignal } =>
  signal ? { abortSignal: signal } : {};

const refused = (why: string): AppError =>
  new AppError('llm_failed', `The language model gave no usable answer (${why}). Ask in another way.`);
