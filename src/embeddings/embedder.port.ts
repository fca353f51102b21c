import type { EmbedOptions } from './embeddings.types.js';

/** A sentence encoder. */
export abstract class Embedder {
  abstract readonly modelId: string;
  abstract readonly dimensions: number;
  /** Tokens of one text, special tokens included, that are read at once. */
  abstract readonly maxTokens: number;

  /**
   * One unit vector per text, in order. A text longer than `maxTokens` is read in windows whose vectors are
   * averaged by their tokens; nothing is cut off. Throws `encoder_unavailable` when the model cannot run, and
   * the signal's reason when aborted.
   */
  abstract embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;

  /** Frees threads and memory; whatever is under way fails. */
  abstract close(): Promise<void>;
}
