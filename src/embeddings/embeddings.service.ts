import { Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import { Settings } from '../config/settings.js';
import type { Embedder } from './embedder.port.js';
import { EncoderLoader } from './encoder-loader.port.js';
import type { EncoderInfo, EncoderState } from './embeddings.types.js';
import type { EncoderModel } from './models.types.js';
import type { RemoteEncoder } from './remote/remote-encoder.port.js';
import { VectorCache } from './vector-cache.js';
import { installModel, requireModel } from './store/install-model.js';
import { ModelStore } from './store/model-store.js';

const POLL_MS = 2_000;
const RETRY_MS = 60_000;
/** Until an encoder elsewhere that did not answer is asked again. */
const RECONNECT_MS = 15_000;
const HOW_TO_GET =
  'run "npm run models:install", or "npm run models:import -- <folder | .zip | .jar>" without network';

/**
 * The encoder as the rest of the application uses it. It is loaded in the background from the start of the
 * application; while it is absent, its folder is watched and it becomes ready as soon as it arrives.
 */
export class EmbeddingsService implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('Embeddings');
  /** Undefined where the encoder runs elsewhere. */
  private readonly model: EncoderModel | undefined;
  private readonly store: ModelStore;
  private readonly cache = new VectorCache(1_000);
  private readonly listeners: ((encoder: EncoderInfo) => void)[] = [];
  private readonly closing = new AbortController();
  private current: EncoderState = { state: 'loading', detail: 'The encoder is being looked for.' };
  private embedder: Embedder | undefined;
  private installed = false;
  /** Files that could not be used; tried again when they change, and now and then as they are. */
  private refused: { fingerprint: string; until: number; detail: string } | undefined;
  private fetching: string | undefined;
  private watching: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly loader: EncoderLoader,
    private readonly remote?: RemoteEncoder,
  ) {
    this.model = remote ? undefined : requireModel(settings.embeddingModel);
    this.store = new ModelStore(settings.modelsDir, loader);
  }

  onApplicationBootstrap(): void {
    this.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  /** Begins to look for the encoder; returns at once. The application does this by itself. */
  start(): void {
    if (this.watching || this.timer) return;
    if (this.model && this.settings.modelDownload === 'auto') this.fetching = 'waiting';
    this.watch();
  }

  state(): EncoderState {
    return this.current;
  }

  /** What the configured encoder is, whether it is there or not. */
  info(): EncoderInfo {
    if (this.remote) return this.remote.info;
    const { name: modelId, dimensions, maxTokens, scoreScale, languages } = this.required();
    return { modelId, dimensions, maxTokens, scoreScale, languages };
  }

  /** Calls the listener whenever the encoder becomes ready, and soon if it is so already. */
  onReady(listener: (encoder: EncoderInfo) => void): void {
    this.listeners.push(listener);
    if (this.current.state === 'ready') queueMicrotask(() => this.notify(listener));
  }

  /** Folder with the encoder's tokenizer, for counting tokens; `undefined` while it is not installed. */
  modelDir(): string | undefined {
    return this.installed && this.model ? this.store.dir(this.model) : undefined;
  }

  /** Unit vector of a question. Throws `encoder_unavailable`; goes in front of passages. */
  async embedQuery(text: string, signal?: AbortSignal): Promise<Float32Array> {
    const embedder = this.requireEmbedder();
    const known = this.cache.get(embedder.modelId, text);
    if (known) return known;
    const [vector] = await embedder.embed([text], { kind: 'query', signal });
    if (!vector) throw new AppError('encoder_unavailable', 'The encoder returned no vector.');
    this.cache.set(embedder.modelId, text, vector);
    return vector;
  }

  /**
   * One unit vector per passage, in order. A passage longer than the encoder reads at once is read in windows.
   * Throws `encoder_unavailable`, and the signal's reason when aborted.
   */
  embedPassages(texts: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    try {
      return this.requireEmbedder().embed(texts, { kind: 'passage', signal });
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Ends threads and background work; nothing can be embedded afterwards. */
  async close(): Promise<void> {
    this.closing.abort();
    clearTimeout(this.timer);
    await this.watching;
    await this.embedder?.close();
    this.embedder = undefined;
    this.current = { state: 'missing', detail: 'The server is shutting down.' };
  }

  private requireEmbedder(): Embedder {
    if (this.embedder) return this.embedder;
    throw new AppError(
      'encoder_unavailable',
      'detail' in this.current ? this.current.detail : 'The encoder is not loaded.',
    );
  }

  private watch(): void {
    this.watching = (this.remote ? this.connect(this.remote) : this.look(this.required()))
      .catch((error: unknown) => {
        this.current = { state: 'failed', detail: `The encoder cannot be used: ${(error as Error).message}` };
      })
      .finally(() => {
        this.watching = undefined;
        if (this.embedder || this.closing.signal.aborted) return;
        this.timer = setTimeout(() => this.watch(), this.remote ? RECONNECT_MS : POLL_MS).unref();
      });
  }

  private required(): EncoderModel {
    if (!this.model) throw new Error('the encoder has no files');
    return this.model;
  }

  private async connect(remote: RemoteEncoder): Promise<void> {
    try {
      this.use(await remote.connect(this.closing.signal));
    } catch (error) {
      if (this.closing.signal.aborted) return;
      const detail =
        error instanceof AppError ? error.detail : `The encoder cannot be used: ${(error as Error).message}`;
      if (this.current.state !== 'failed' || this.current.detail !== detail) this.logger.error(detail);
      this.current = { state: 'failed', detail };
    }
  }

  private async look(model: EncoderModel): Promise<void> {
    const found = await this.store.fingerprint(model);
    if (this.closing.signal.aborted) return;
    if (found === undefined) {
      this.installed = false;
      if (this.fetching === 'waiting') void this.fetch();
      this.current = this.fetching
        ? { state: 'fetching', detail: `The encoder ${model.name} is being fetched: ${this.fetching}.` }
        : { state: 'missing', detail: `The encoder ${model.name} is not installed: ${HOW_TO_GET}.` };
    } else if (found === this.refused?.fingerprint && Date.now() < this.refused.until) {
      this.current = { state: 'failed', detail: this.refused.detail };
    } else await this.load(model, found);
  }

  private async load(model: EncoderModel, found: string): Promise<void> {
    this.current = { state: 'loading', detail: `The encoder ${model.name} is being loaded.` };
    const modelDir = this.store.dir(model);
    try {
      await this.store.verify(model);
      this.installed = true;
      const { embeddingWorkers: workers } = this.settings;
      const onBroken = (detail: string): void => this.lose(embedder, detail);
      const embedder: Embedder = await this.loader.load({
        modelDir,
        model,
        workers,
        onBroken,
      });
      this.use(embedder);
    } catch (error) {
      this.installed = false;
      const detail = `The encoder ${model.name} cannot be used: ${(error as Error).message}; ${HOW_TO_GET}.`;
      if (detail !== this.refused?.detail) this.logger.error(detail);
      this.refused = { fingerprint: found, until: Date.now() + RETRY_MS, detail };
      this.current = { state: 'failed', detail };
    }
  }

  private use(embedder: Embedder): void {
    if (this.closing.signal.aborted) return void embedder.close();
    this.embedder = embedder;
    this.current = { state: 'ready', encoder: this.info() };
    this.logger.log(`${embedder.modelId} is ready`);
    for (const listener of this.listeners) this.notify(listener);
  }

  /** The running encoder has ended and did not come up again; its files are looked at anew. */
  private lose(embedder: Embedder, detail: string): void {
    if (this.embedder !== embedder) return;
    this.embedder = undefined;
    this.current = { state: 'failed', detail: `The encoder stopped working: ${detail}.` };
    this.logger.error(this.current.detail);
    void embedder.close();
    if (!this.closing.signal.aborted) this.timer = setTimeout(() => this.watch(), POLL_MS).unref();
  }

  /** Tries the hub once, in the background. */
  private async fetch(): Promise<void> {
    this.fetching = 'connecting';
    try {
      await installModel(this.settings, {
        signal: this.closing.signal,
        onProgress: ({ done = 0, total }) => {
          this.fetching = total ? `${Math.floor((100 * done) / total)} %` : 'checking';
        },
      });
    } catch (error) {
      if (!this.closing.signal.aborted) this.logger.warn(`${(error as Error).message}; ${HOW_TO_GET}`);
    } finally {
      this.fetching = undefined;
    }
  }

  private notify(listener: (encoder: EncoderInfo) => void): void {
    try {
      listener(this.info());
    } catch (error) {
      this.logger.error(`a listener failed: ${(error as Error).message}`);
    }
  }
}
