import type { Embedder } from '../embedder.port.js';
import type { EncoderInfo } from '../embeddings.types.js';

/** An encoder that does not run on this machine. */
export abstract class RemoteEncoder {
  abstract readonly info: EncoderInfo;
  /** What has to be configured before it can be asked; null where nothing lacks. */
  abstract readonly lacks: string | null;

  /** Resolves when it was asked and answered. @throws AppError `encoder_unavailable` with what to do */
  abstract connect(signal: AbortSignal): Promise<Embedder>;
}
