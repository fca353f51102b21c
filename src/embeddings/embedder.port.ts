import type { EmbedOptions } from './embeddings.types.js';

/** A sentence encoder. Texts longer than `maxTokens` are cut by it: the service above never sends such. */
export abstract class Embedder {
  abstract readonly modelId: string;
  abstract readonly dimensions: number;
  abstract readonly maxTokens: number;

  /** One unit vector per text, in order. Throws `encoder_unavailable` when the model cannot run. */
  abstract embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]>;
}
