import { GoogleGenAI } from '@google/genai';
import { toFailure } from '../../../common/gemini/gemini-errors.js';
import { geminiFetch } from '../../../common/gemini/gemini-fetch.js';
import { RemoteFailure } from '../../../common/resilience/remote-failure.js';
import type { EmbeddingKind, EncoderInfo } from '../../embeddings.types.js';
import { EmbeddingApi } from '../../remote/embedding-api.port.js';

export interface GeminiEmbeddingOptions {
  apiKey: string;
  /** As Google names it, such as `gemini-embedding-001`. */
  model: string;
  baseUrl?: string | undefined;
  info: EncoderInfo;
}

const GOOGLE = 'https://generativelanguage.googleapis.com';
const TASK: Record<EmbeddingKind, string> = { query: 'RETRIEVAL_QUERY', passage: 'RETRIEVAL_DOCUMENT' };

/** Embeddings of Gemini through Google's SDK. */
export class GeminiEmbeddingApi extends EmbeddingApi {
  readonly info: EncoderInfo;
  readonly maxTexts = 100;
  private readonly sdk: GoogleGenAI;

  constructor(private readonly options: GeminiEmbeddingOptions) {
    super();
    this.info = options.info;
    // All is said explicitly: what is left out the SDK would read from environment variables of its own.
    this.sdk = new GoogleGenAI({
      apiKey: options.apiKey,
      vertexai: false,
      apiVersion: 'v1beta',
      httpOptions: { baseUrl: options.baseUrl ?? GOOGLE, apiVersion: 'v1beta', fetch: geminiFetch },
    });
  }

  async request(
    texts: readonly string[],
    kind: EmbeddingKind,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]> {
    signal.throwIfAborted();
    try {
      const { embeddings } = await this.sdk.models.embedContent({
        model: this.options.model,
        // One content for each text: bare strings are taken as parts of a single one by some models.
        contents: texts.map((text) => ({ role: 'user', parts: [{ text }] })),
        config: {
          taskType: TASK[kind],
          outputDimensionality: this.info.dimensions,
          abortSignal: signal,
        },
      });
      if (!Array.isArray(embeddings))
        throw new RemoteFailure('encoder_unavailable', 'The encoder gave no vectors.', { retry: true });
      return embeddings.map(({ values }) => values ?? []);
    } catch (error) {
      signal.throwIfAborted();
      throw toFailure(error, {
        what: 'encoder',
        model: this.options.model,
        variable: 'EMBEDDING_MODEL',
        key: this.options.apiKey,
        unavailable: 'encoder_unavailable',
        failed: 'encoder_unavailable',
      });
    }
  }
}
