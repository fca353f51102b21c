export type EmbeddingKind = 'query' | 'passage';

export interface EmbedOptions {
  kind: EmbeddingKind;
  signal?: AbortSignal | undefined;
}

/** The encoder as the rest of the application knows it. */
export interface EncoderInfo {
  modelId: string;
  dimensions: number;
  /** Tokens of one text, special tokens included, that the model reads. */
  maxTokens: number;
  /** Cosines between which unrelated and matching texts usually lie. */
  scoreScale: { unrelated: number; matching: number };
  /** ISO 639-1, those that it was made for; undefined where it was made for any. */
  languages?: readonly string[];
}

export type EncoderState =
  | { state: 'ready'; encoder: EncoderInfo }
  /** Not installed yet, being fetched, or broken; `detail` says what to do. */
  /** `loading` is a matter of seconds, `fetching` may take minutes or never succeed. */
  | { state: 'missing' | 'fetching' | 'loading' | 'failed'; detail: string };
