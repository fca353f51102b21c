import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import { Encoder, howToGet, infoOf, type EncoderSource } from './encoder.js';
import { EncoderLoader } from './encoder-loader.port.js';
import type { EncoderChoice, EncoderInfo, EncoderOffer, EncoderState } from './embeddings.types.js';
import { findLocalModel, localModelNames } from './local-model.js';
import { MANIFEST } from './manifest.js';
import { ENCODER_MODELS, findModel, modelNames } from './models.js';
import type { RemoteEncoder } from './remote/remote-encoder.port.js';
import { requireModel } from './store/install-model.js';
import { ModelStore } from './store/model-store.js';
import type { CountTokens } from './token-counter.js';
import { VectorCache } from './vector-cache.js';

/** The encoder of such a name, where it runs elsewhere; with these dimensions, or those that are configured. */
export type RemoteEncoders = (modelId: string, dimensions?: number) => RemoteEncoder | undefined;

/** Of an encoder that is known by name only. */
const UNKNOWN = { maxTokens: 256, scoreScale: { unrelated: 0.1, matching: 0.6 } };

/**
 * The encoders as the rest of the application uses them. One is chosen: it makes the vectors of documents, and those of
 * queries as soon as it is ready. Until then queries go on with the one before, whose index answers meanwhile. Others
 * may be prepared, to be there at once when they are chosen.
 */
export class EmbeddingsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Embeddings');
  private readonly cache = new VectorCache(1_000);
  private readonly listeners: ((encoder: EncoderInfo) => void)[] = [];
  private readonly running = new Map<string, Encoder>();
  private readonly prepared = new Set<string>();
  private readonly ending = new Set<Promise<void>>();
  private chosen: Encoder;
  private serving: Encoder;
  private started = false;
  private closed = false;

  constructor(
    private readonly settings: Settings,
    private readonly loader: EncoderLoader,
    private readonly remotes: RemoteEncoders = () => undefined,
  ) {
    if (!remotes(settings.embeddingModel)) requireModel(settings, settings.embeddingModel);
    this.chosen = this.serving = this.obtain({ modelId: settings.embeddingModel });
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Begins to look for the encoder; returns at once. The application does this by itself. */
  start(): void {
    this.started = true;
    for (const encoder of this.running.values()) encoder.start();
  }

  /** Makes this the encoder of the installation. Queries change over to it when it can take them. */
  choose(choice: EncoderChoice): void {
    if (this.closed || choice.modelId === this.chosen.info.modelId) return;
    this.chosen = this.obtain(choice);
    this.changed(this.chosen);
  }

  /** Has these ready besides the chosen one, and lets go of others. */
  prepare(choices: readonly EncoderChoice[]): void {
    if (this.closed) return;
    this.prepared.clear();
    for (const choice of choices) {
      this.prepared.add(choice.modelId);
      this.obtain(choice);
    }
    this.letGo();
  }

  /** Of the encoder that answers queries. */
  state(): EncoderState {
    return this.serving.state;
  }

  /** Of any encoder; `missing` where nobody runs it. */
  stateOf(modelId: string): EncoderState {
    const encoder = this.running.get(modelId);
    return encoder?.state ?? { state: 'missing', detail: `The encoder ${modelId} is not in use.` };
  }

  /** What the encoder that answers queries is, whether it is there or not. */
  info(): EncoderInfo {
    return this.serving.info;
  }

  /** What the encoder of the installation is: it makes the vectors of documents. */
  chosenInfo(): EncoderInfo {
    return this.chosen.info;
  }

  /** What an encoder is, in use or not. */
  infoOf(modelId: string): EncoderInfo {
    return this.running.get(modelId)?.info ?? infoOf(this.sourceOf({ modelId }));
  }

  /** `EMBEDDING_MODEL`: the first choice of a new installation. */
  get configured(): string {
    return this.settings.embeddingModel;
  }

  /** Encoders that one can change to, and what those lack that one cannot. */
  async offers(): Promise<EncoderOffer[]> {
    const names = new Set(ENCODER_MODELS.map((model) => model.name));
    const others = await localModelNames(this.settings.modelsDir);
    for (const name of [...others, this.settings.embeddingModel, ...this.running.keys()]) names.add(name);
    return Promise.all([...names].map((name) => this.offer(name)));
  }

  /** One of them, or of an encoder that this version does not know. */
  async offer(modelId: string): Promise<EncoderOffer> {
    const source = this.sourceOf({ modelId });
    const dimensions = infoOf(source).dimensions;
    if (source.kind === 'unknown') return { modelId, dimensions, known: false, lacks: source.detail };
    const lacks = await this.lacks(source);
    return { modelId, dimensions, known: true, lacks };
  }

  /** Calls the listener whenever the chosen encoder becomes ready, and soon if it is so already. */
  onReady(listener: (encoder: EncoderInfo) => void): void {
    this.listeners.push(listener);
    if (this.chosen.state.state === 'ready') queueMicrotask(() => this.notify(listener));
  }

  /** Folder with the encoder's tokenizer, for counting tokens; `undefined` while it is not installed. */
  modelDir(): string | undefined {
    return this.serving.modelDir();
  }

  /** Counts the tokens of an encoder that runs here, as it cuts words itself; undefined until it is loaded. */
  counter(modelId: string): CountTokens | undefined {
    return this.running.get(modelId)?.counter;
  }

  /** Unit vector of a question, by the encoder that answers queries or another. Goes in front of passages. @throws AppError `encoder_unavailable` */
  async embedQuery(
    text: string,
    signal?: AbortSignal,
    modelId = this.serving.info.modelId,
  ): Promise<Float32Array> {
    const encoder = this.require(modelId);
    if (encoder.state.state === 'ready') {
      const known = this.cache.get(modelId, text);
      if (known) return known;
    }
    const [vector] = await encoder.embed([text], { kind: 'query', signal });
    if (!vector) throw new AppError('encoder_unavailable', 'The encoder returned no vector.');
    this.cache.set(modelId, text, vector);
    return vector;
  }

  /**
   * One unit vector per passage, in order. A passage longer than the encoder reads at once is read in windows.
   * Throws `encoder_unavailable`, and the signal's reason when aborted.
   */
  async embedPassages(
    texts: readonly string[],
    signal?: AbortSignal,
    modelId = this.serving.info.modelId,
  ): Promise<Float32Array[]> {
    return this.require(modelId).embed(texts, { kind: 'passage', signal });
  }

  /** As `embedPassages`, for a request that waits: behind queries, before the backlog. */
  async embedUrgently(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    const { modelId } = this.serving.info;
    return this.require(modelId).embed(texts, { kind: 'passage', urgent: true, signal });
  }

  /** Ends threads and background work; nothing can be embedded afterwards. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([...this.running.values()].map((encoder) => encoder.close()));
    await Promise.all(this.ending);
  }

  private require(modelId: string): Encoder {
    const encoder = this.running.get(modelId);
    if (encoder) return encoder;
    throw new AppError('encoder_unavailable', `The encoder ${modelId} is not in use.`);
  }

  private obtain(choice: EncoderChoice): Encoder {
    const known = this.running.get(choice.modelId);
    if (known) return known;
    const { settings, loader } = this;
    const encoder = new Encoder(this.sourceOf(choice), {
      settings,
      loader,
      onChange: (changed) => this.changed(changed),
    });
    this.running.set(choice.modelId, encoder);
    if (this.started) encoder.start();
    return encoder;
  }

  private sourceOf({ modelId, dimensions }: EncoderChoice): EncoderSource {
    const remote = this.remotes(modelId, dimensions);
    if (remote) return { kind: 'remote', remote };
    const info: EncoderInfo = { modelId, dimensions: dimensions ?? 0, ...UNKNOWN };
    const wrong = (detail: string): EncoderSource => ({ kind: 'unknown', info, detail });
    const known = findModel(modelId);
    try {
      const model = findLocalModel(this.settings.modelsDir, modelId);
      if (!model)
        return wrong(
          `There is no encoder ${modelId}, only ${modelNames()}, gemini:<name>, and folders in MODELS_DIR with an ${MANIFEST}.`,
        );
      if (dimensions !== undefined && model.dimensions !== dimensions)
        return wrong(
          `The encoder ${modelId} is described with ${model.dimensions} dimensions now, but its vectors have ${dimensions}.`,
        );
      return { kind: 'local', model };
    } catch (error) {
      // The log says so when it is loaded.
      if (known) return { kind: 'local', model: known };
      return wrong(`The encoder ${modelId} cannot be used: ${(error as Error).message}.`);
    }
  }

  private async lacks(source: EncoderSource): Promise<string | null> {
    if (source.kind === 'remote') return source.remote.lacks;
    if (source.kind === 'unknown') return source.detail;
    const store = new ModelStore(this.settings.modelsDir, this.loader);
    const found = await store.fingerprint(source.model);
    return found === undefined
      ? `The encoder ${source.model.name} is not installed: ${howToGet(source.model.name)}.`
      : null;
  }

  private changed(encoder: Encoder): void {
    if (this.closed || encoder !== this.chosen) return;
    const before = this.serving;
    const { state } = this.chosen.state;
    // A matter of seconds, in which the one before answers. Where it takes longer, that has to show.
    if (!(state === 'loading' && before !== this.chosen && before.state.state === 'ready')) {
      this.serving = this.chosen;
      if (before !== this.serving)
        this.logger.log(`queries are embedded with ${this.serving.info.modelId} from now on`);
    }
    this.letGo();
    if (state === 'ready') for (const listener of this.listeners) this.notify(listener);
  }

  private letGo(): void {
    for (const [modelId, encoder] of this.running) {
      if (encoder === this.chosen || encoder === this.serving || this.prepared.has(modelId)) continue;
      this.running.delete(modelId);
      const ending = encoder.drain().finally(() => this.ending.delete(ending));
      this.ending.add(ending);
    }
  }

  private notify(listener: (encoder: EncoderInfo) => void): void {
    try {
      listener(this.chosen.info);
    } catch (error) {
      this.logger.error({ err: error }, 'a listener failed');
    }
  }
}
