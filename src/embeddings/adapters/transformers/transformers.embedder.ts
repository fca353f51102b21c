import { Embedder } from '../../embedder.port.js';
import type { EmbedOptions } from '../../embeddings.types.js';
import type { EncoderModel, LoadOptions } from '../../models.types.js';
import { EncoderPool } from './encoder-pool.js';

/** A model on this machine, computed by transformers.js in worker threads. */
export class TransformersEmbedder extends Embedder {
  readonly modelId: string;
  readonly dimensions: number;
  readonly maxTokens: number;

  private constructor(
    model: EncoderModel,
    private readonly pool: EncoderPool,
  ) {
    super();
    this.modelId = model.name;
    this.dimensions = model.dimensions;
    this.maxTokens = model.maxTokens;
  }

  /**
   * Loads the model into a first thread and lets it reproduce the similarities of its manifest.
   * Rejects with a plain `Error` whose message says why the model cannot be used.
   */
  static async load(options: LoadOptions): Promise<TransformersEmbedder> {
    const pool = new EncoderPool(options);
    try {
      await pool.ready;
    } catch (error) {
      await pool.close();
      throw error;
    }
    return new TransformersEmbedder(options.model, pool);
  }

  embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    return this.pool.run(texts, options);
  }

  /** Numbers of the threads that run now. */
  threadIds(): number[] {
    return this.pool.threadIds();
  }

  close(): Promise<void> {
    return this.pool.close();
  }
}
