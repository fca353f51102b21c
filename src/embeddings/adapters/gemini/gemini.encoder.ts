import { AppError } from '../../../common/errors/app-error.js';
import type { Settings } from '../../../config/settings.js';
import type { Embedder } from '../../embedder.port.js';
import type { EncoderInfo } from '../../embeddings.types.js';
import { RemoteEncoder } from '../../remote/remote-encoder.port.js';
import { RemoteEmbedder } from '../../remote/remote-embedder.js';

export type GeminiEncoderSettings = Pick<
  Settings,
  'geminiEmbeddingDimensions' | 'googleApiKey' | 'geminiBaseUrl'
>;

const PREFIX = 'gemini:';
const GEMINI_NAME = /^gemini:[\w.-]{1,100}$/;
/** What gemini-embedding-001 reads of one text; others read more. */
const MAX_TOKENS = 2048;
/** Estimated from its published examples; a command measures it for a collection of one's own. */
const SCORE_SCALE = { unrelated: 0.55, matching: 0.8 };

/** Whether this names an encoder of Gemini. */
export const isGemini = (modelId: string): boolean => GEMINI_NAME.test(modelId);

/** The encoder that `gemini:<name>` names. */
export class GeminiEncoder extends RemoteEncoder {
  readonly info: EncoderInfo;

  readonly lacks: string | null;

  constructor(
    private readonly settings: GeminiEncoderSettings,
    modelId: string,
    dimensions = settings.geminiEmbeddingDimensions,
  ) {
    super();
    this.info = { modelId, dimensions, maxTokens: MAX_TOKENS, scoreScale: SCORE_SCALE };
    this.lacks = settings.googleApiKey ? null : `The encoder ${modelId} needs GOOGLE_API_KEY.`;
  }

  async connect(signal: AbortSignal): Promise<Embedder> {
    if (this.lacks !== null) throw new AppError('encoder_unavailable', this.lacks);
    // The SDK is loaded only where it is used: it is a good part of the memory of a server without it.
    const { GeminiEmbeddingApi } = await import('./gemini-embedding.api.js');
    const embedder = new RemoteEmbedder(
      new GeminiEmbeddingApi({
        apiKey: this.settings.googleApiKey ?? '',
        model: this.info.modelId.slice(PREFIX.length),
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
