import { GoogleGenAI, type GenerateContentConfig, type GenerateContentResponse } from '@google/genai';
import { LlmClient } from '../../llm-client.port.js';
import { toFailure } from '../../../common/gemini/gemini-errors.js';
import { geminiFetch } from '../../../common/gemini/gemini-fetch.js';
import { RemoteFailure } from '../../../common/resilience/remote-failure.js';
import type { LlmCall, LlmChunk, LlmResult, LlmUsage } from '../../llm.types.js';

export interface GeminiOptions {
  apiKey: string;
  model: string;
  baseUrl?: string | undefined;
}

const GOOGLE = 'https://generativelanguage.googleapis.com';
const CHECK_MS = 5000;
const WORDS = {
  what: 'language model',
  variable: 'GEMINI_MODEL',
  unavailable: 'llm_unavailable',
  failed: 'llm_failed',
} as const;

const CUT = 'MAX_TOKENS';
/** Ends of an answer that are no answer: everything but a full stop and the limit of tokens. */
const COMPLETE = new Set(['STOP', CUT]);

/** Gemini through Google's SDK. Nothing is sent anywhere but to its own address. */
export class GeminiClient extends LlmClient {
  readonly modelId: string;
  private readonly sdk: GoogleGenAI;

  constructor(private readonly options: GeminiOptions) {
    super();
    this.modelId = options.model;
    // All is said explicitly: what is left out the SDK would read from environment variables of its own.
    this.sdk = new GoogleGenAI({
      apiKey: options.apiKey,
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: { baseUrl: options.baseUrl ?? GOOGLE, apiVersion: 'v1beta', fetch: geminiFetch },
    });
  }

  async generate(prompt: string, call: LlmCall = {}): Promise<LlmResult> {
    call.signal?.throwIfAborted();
    try {
      const response = await this.sdk.models.generateContent({
        model: this.modelId,
        contents: prompt,
        config: configOf(call, call.signal),
      });
      const text = textOf(response);
      const ending = endingOf(response);
      if (text === '' || (ending !== null && !COMPLETE.has(ending))) throw refused(ending, text);
      const model = response.modelVersion ?? this.modelId;
      return { text, model, usage: usageOf(response), cut: ending === CUT };
    } catch (error) {
      return this.fail(error, call.signal);
    }
  }

  async *stream(prompt: string, call: LlmCall = {}): AsyncGenerator<LlmChunk> {
    const { signal } = call;
    signal?.throwIfAborted();
    const stop = new AbortController();
    const abortSignal = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    try {
      const parts = await this.sdk.models.generateContentStream({
        model: this.modelId,
        contents: prompt,
        config: configOf(call, abortSignal),
      });
      let seen = '';
      let ending: string | null = null;
      let usage: LlmUsage = { prompt_tokens: null, completion_tokens: null, total_tokens: null };
      for await (const part of parts) {
        const text = textOf(part);
        ending = endingOf(part) ?? ending;
        if (part.usageMetadata) usage = usageOf(part);
        seen ||= text;
        yield { text };
      }
      if (ending === null || !COMPLETE.has(ending) || seen === '') throw refused(ending, seen);
      yield { text: '', usage, cut: ending === CUT };
    } catch (error) {
      this.fail(error, signal);
    } finally {
      // The SDK leaves the connection open when its reader stops early.
      stop.abort();
    }
  }

  async check({ signal }: Pick<LlmCall, 'signal'> = {}): Promise<void> {
    const limit = AbortSignal.timeout(CHECK_MS);
    const abortSignal = signal ? AbortSignal.any([signal, limit]) : limit;
    await this.sdk.models
      .get({ model: this.modelId, config: { abortSignal } })
      .catch((error: unknown) => this.fail(error, signal));
  }

  private fail(error: unknown, signal: AbortSignal | undefined): never {
    signal?.throwIfAborted();
    throw toFailure(error, { ...WORDS, model: this.modelId, key: this.options.apiKey });
  }
}

const configOf = (call: LlmCall, signal: AbortSignal | undefined): GenerateContentConfig => ({
  // Our limits of time and tokens hold for one request; the SDK would ask on by itself.
  automaticContinuation: false,
  ...(signal ? { abortSignal: signal } : {}),
  ...(call.system ? { systemInstruction: call.system } : {}),
  ...(call.maxOutputTokens ? { maxOutputTokens: call.maxOutputTokens } : {}),
});

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

/** Nothing at all, without a reason, is a mishap that may pass; a reason is not. */
const refused = (ending: string | null, seen: string): RemoteFailure =>
  new RemoteFailure(
    'llm_failed',
    `The language model gave no usable answer (${ending ?? 'it broke off'}). Ask in another way.`,
    { retry: ending === null && seen === '' },
  );
