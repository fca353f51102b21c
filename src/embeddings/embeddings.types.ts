export type EmbeddingKind = 'query' | 'passage';

export interface EmbedOptions {
  kind: EmbeddingKind;
  /** Passages that somebody waits for: behind queries, before all others. */
  urgent?: boolean | undefined;
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
  /** Share of the words' vote in a hybrid search, 0 to 1, where it was measured for this encoder. */
  lexicalWeight?: number;
}

export type EncoderState =
  | { state: 'ready'; encoder: EncoderInfo }
  /** Not installed yet, being fetched, or broken; `detail` says what to do. */
  /** `loading` is a matter of seconds, `fetching` may take minutes or never succeed. */
  | { state: 'missing' | 'fetching' | 'loading' | 'failed'; detail: string };

/** Which encoder; the dimensions are those of its vectors that are stored already. */
export interface EncoderChoice {
  modelId: string;
  dimensions?: number | undefined;
}

/** An encoder that one may want to change to. */
export interface EncoderOffer {
  modelId: string;
  dimensions: number;
  /** Whether this version knows it. */
  known: boolean;
  /** Why it cannot run on this machine, and what to do; null where it can. */
  lacks: string | null;
}
