import type { EmbeddingKind, EncoderInfo } from '../embeddings.types.js';

/** An encoder behind an API: one request at a time, nothing repeated; `RemoteEmbedder` does the rest. */
export abstract class EmbeddingApi {
  abstract readonly info: EncoderInfo;
  /** Most texts of one request. */
  abstract readonly maxTexts: number;

  /**
   * One vector for each text, in order, of any length. No text is empty or longer than the model reads. Throws a
   * `RemoteFailure`, and the signal's reason when aborted.
   */
  abstract request(
    texts: readonly string[],
    kind: EmbeddingKind,
    signal: AbortSignal,
  ): Promise<readonly (readonly number[])[]>;
}
