import { EncoderLoader } from '../../encoder-loader.port.js';
import type { LoadOptions } from '../../models.types.js';
import { TransformersEmbedder } from './transformers.embedder.js';

/** Loads encoders with transformers.js. */
export class TransformersLoader extends EncoderLoader {
  load(options: LoadOptions): Promise<TransformersEmbedder> {
    return TransformersEmbedder.load(options);
  }
}
