import type { Embedder } from '../embedder.port.js';
import type { EncoderInfo } from '../embeddings.types.js';

/** The configured encoder, where it does not run on this machine. */
export abstract class RemoteEncoder {
  abstract readonly info: EncoderInfo;

  /** Resolves when it was asked and answered. @throws AppError `encoder_unavailable` with what to do */
  abstract connect(signal: AbortSignal): Promise<Embedder>;
}
