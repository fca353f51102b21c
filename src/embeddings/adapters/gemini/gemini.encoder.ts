import type { Settings } from '../../../config/settings.js';
import type { Embedder } from '../../embedder.port.js';
import type { EncoderInfo } from '../../embeddings.types.js';
import { RemoteEncoder } from '../../remote/remote-encoder.port.js';
import { RemoteEmbedder } from '../../remote/remote-embedder.js';

export type GeminiEncoderSettings = Pick<
  Settings,
  'embeddingModel' | 'geminiEmbeddingDimensions' | 'googleApiKey' | 'geminiBaseUrl'
>;

const PREFIX = 'gemini:';
/** What gemini-embedding-001 reads of one text; others read more. */
const MAX_TOKENS = 2048;
/** Estimated from its published examples; a command measures it for a collection of one's own. */
const SCORE_SCALE = { unrelated: 0.55, matching: 0.8 };

/** Whether `EMBEDDING_MODEL` names an encoder of Gemini. */
export const isGemini = (embeddingModel: string): boolean => embeddingModel.startsWith(PREFIX);

/** The encoder that `EMBEDDING_MODEL=gemini:<name>` names. */
export class GeminiEncoder extends RemoteEncoder {
  readonly info: EncoderInfo;

  constructor(private readonly settings: GeminiEncoderSettings) {
    super();
    this.info = {
      modelId: settings.embeddingModel,
      dimensions: settings.geminiEmbeddingDimensions,
      maxTokens: MAX_TOKENS,
      scoreScale: SCORE_SCALE,
    };
  }

  async connect(signal: AbortSignal): Promise<Embedder> {
    // The SDK is loaded only where it is used: it is a good part of the memory of a server without it.
    const { GeminiEmbeddingApi } = await import('./gemini-embedding.api.js');
    const embedder = new RemoteEmbedder(
      new GeminiEmbeddingApi({
        apiKey: this.settings.googleApiKey ?? '',
        model: this.settings.embeddingModel.slice(PREFIX.length),
        baseUrl: this.settings.geminiBaseUrl,
        info: this.info,
      }),
    );
    try {
      await embedder.embed(['Hello.'], { kind: 'query', signal });
    } catch (error) {
      await embedder.close();
      throw error;
    }
    return embedder;
  }
}
