import type { Embedder } from './embedder.port.js';
import type { LoadOptions } from './models.types.js';

/** Turns a model's files into a running encoder. */
export abstract class EncoderLoader {
  /**
   * Loads the model and lets it reproduce the similarities of its manifest. Rejects with a plain `Error` whose
   * message says why the model cannot be used.
   */
  abstract load(options: LoadOptions): Promise<Embedder>;
}
