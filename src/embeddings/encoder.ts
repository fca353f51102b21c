import { Logger } from '@nestjs/common';
import { AppError } from '../common/errors/app-error.js';
import type { Settings } from '../config/settings.js';
import type { Embedder } from './embedder.port.js';
import type { EncoderLoader } from './encoder-loader.port.js';
import type { EmbedOptions, EncoderInfo, EncoderState } from './embeddings.types.js';
import { findLocalModel } from './local-model.js';
import { MANIFEST, readManifest } from './manifest.js';
import { findModel } from './models.js';
import type { EncoderModel } from './models.types.js';
import type { RemoteEncoder } from './remote/remote-encoder.port.js';
import { installModel } from './store/install-model.js';
import { ModelStore } from './store/model-store.js';
import { estimateTokens, loadTokenCounter, type CountTokens } from './token-counter.js';

const POLL_MS = 2_000;
const RETRY_MS = 60_000;
/** Until an encoder elsewhere that did not answer is asked again. */
const RECONNECT_MS = 15_000;
/** How long what is under way may go on with an encoder that is no longer wanted. */
const DRAIN_MS = 30_000;

/** Where an encoder runs. `unknown` is one that this version does not know any more. */
export type EncoderSource =
  | { kind: 'local'; model: EncoderModel }
  | { kind: 'remote'; remote: RemoteEncoder }
  | { kind: 'unknown'; info: EncoderInfo; detail: string };

export interface EncoderParts {
  settings: Settings;
  loader: EncoderLoader;
  /** Called whenever the state changed. */
  onChange: (encoder: Encoder) => void;
}

/**
 * One encoder from the moment it is wanted: loaded in the background; while it is absent, its folder is watched and it
 * becomes ready as soon as it arrives.
 */
export class Encoder {
  private readonly logger = new Logger('Embeddings');
  private readonly store: ModelStore;
  private readonly closing = new AbortController();
  private current: EncoderState = { state: 'loading', detail: 'The encoder is being looked for.' };
  private embedder: Embedder | undefined;
  /** By the vocabulary of the encoder, where it runs here. */
  counter: CountTokens | undefined;
  private installed = false;
  /** Files that could not be used; tried again when they change, and now and then as they are. */
  private refused: { fingerprint: string; until: number; detail: string } | undefined;
  private fetching: string | undefined;
  private watching: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Of one that runs elsewhere. */
  private weight: Pick<EncoderInfo, 'lexicalWeight'> = {};
  private underWay = 0;
  private idle: (() => void) | undefined;

  constructor(
    private source: EncoderSource,
    private readonly parts: EncoderParts,
  ) {
    this.store = new ModelStore(parts.settings.modelsDir, parts.loader);
    if (source.kind === 'unknown') this.current = { state: 'failed', detail: source.detail };
  }

  get info(): EncoderInfo {
    return { ...infoOf(this.source), ...this.weight };
  }

  get state(): EncoderState {
    return this.current;
  }

  /** Begins to look for the encoder, unless it did so already; returns at once. */
  start(): void {
    if (this.watching || this.timer || this.embedder || this.source.kind === 'unknown') return;
    if (
      this.source.kind === 'local' &&
      findModel(this.source.model.name) &&
      this.parts.settings.modelDownload === 'auto'
    )
      this.fetching = 'waiting';
    this.watch();
  }

  /** Folder with the encoder's tokenizer; `undefined` while it is not installed or where it runs elsewhere. */
  modelDir(): string | undefined {
    return this.installed && this.source.kind === 'local' ? this.store.dir(this.source.model) : undefined;
  }

  /** As `Embedder`. @throws AppError `encoder_unavailable` */
  async embed(texts: readonly string[], options: EmbedOptions): Promise<Float32Array[]> {
    if (!this.embedder)
      throw new AppError(
        'encoder_unavailable',
        'detail' in this.current ? this.current.detail : 'The encoder is not loaded.',
      );
    this.underWay++;
    try {
      return await this.embedder.embed(texts, options);
    } finally {
      if (--this.underWay === 0) this.idle?.();
    }
  }

  /** Ends once what is under way has come to its end. */
  async drain(): Promise<void> {
    if (this.underWay > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.idle = resolve;
        timer = setTimeout(resolve, DRAIN_MS).unref();
      });
      clearTimeout(timer);
    }
    await this.close();
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

  private become(state: EncoderState): void {
    this.current = state;
    if (!this.closing.signal.aborted) this.parts.onChange(this);
  }

  private watch(): void {
    this.watching = this.look()
      .catch((error: unknown) =>
        this.become({ state: 'failed', detail: `The encoder cannot be used: ${(error as Error).message}` }),
      )
      .finally(() => {
        this.watching = undefined;
        if (this.embedder || this.closing.signal.aborted) return;
        const pause = this.source.kind === 'remote' ? RECONNECT_MS : POLL_MS;
        this.timer = setTimeout(() => this.watch(), pause).unref();
      });
  }

  private async look(): Promise<void> {
    if (this.source.kind === 'remote') {
      this.weight = await this.weightOf(this.source.remote.info.modelId);
      await this.connect(this.source.remote);
    } else if (this.source.kind === 'local') await this.lookFor(this.source.model);
  }

  /** What is wrong there must not take meaning away from every search. */
  private async weightOf(modelId: string): Promise<Pick<EncoderInfo, 'lexicalWeight'>> {
    try {
      const { lexicalWeight } = await readManifest(this.parts.settings.modelsDir, modelId);
      return lexicalWeight === undefined ? {} : { lexicalWeight };
    } catch (error) {
      this.logger.error(`${(error as Error).message}; it is not heeded`);
      return {};
    }
  }

  /** As its folder describes it now. @throws Error that says what is wrong with the description */
  private describe({ name, dimensions }: EncoderModel): EncoderModel {
    const known = findModel(name);
    let model: EncoderModel | undefined;
    try {
      model = findLocalModel(this.parts.settings.modelsDir, name);
    } catch (error) {
      if (!known) throw error;
      this.logger.error(`${(error as Error).message}; it is not heeded`);
    }
    model ??= known;
    if (!model) throw new Error(`it has no ${MANIFEST} any more`);
    if (model.dimensions !== dimensions)
      throw new Error(`its vectors have ${model.dimensions} dimensions now, not ${dimensions}`);
    return model;
  }

  private async connect(remote: RemoteEncoder): Promise<void> {
    try {
      this.use(await remote.connect(this.closing.signal));
    } catch (error) {
      if (this.closing.signal.aborted) return;
      const detail =
        error instanceof AppError ? error.detail : `The encoder cannot be used: ${(error as Error).message}`;
      if (this.current.state !== 'failed' || this.current.detail !== detail) this.logger.error(detail);
      this.become({ state: 'failed', detail });
    }
  }

  private async lookFor(model: EncoderModel): Promise<void> {
    const found = await this.store.fingerprint(model);
    if (this.closing.signal.aborted) return;
    if (found === undefined) {
      this.installed = false;
      if (this.fetching === 'waiting') void this.fetch(model);
      this.become(
        this.fetching
          ? { state: 'fetching', detail: `The encoder ${model.name} is being fetched: ${this.fetching}.` }
          : {
              state: 'missing',
              detail: `The encoder ${model.name} is not installed: ${howToGet(model.name)}.`,
            },
      );
    } else if (found === this.refused?.fingerprint && Date.now() < this.refused.until) {
      this.become({ state: 'failed', detail: this.refused.detail });
    } else await this.load(model, found);
  }

  private async load(before: EncoderModel, found: string): Promise<void> {
    this.become({ state: 'loading', detail: `The encoder ${before.name} is being loaded.` });
    const modelDir = this.store.dir(before);
    try {
      const model = this.describe(before);
      this.source = { kind: 'local', model };
      await this.store.verify(model);
      this.counter = await loadTokenCounter(modelDir);
      this.installed = true;
      const { embeddingWorkers: workers } = this.parts.settings;
      const onBroken = (detail: string): void => this.lose(embedder, detail);
      const embedder: Embedder = await this.parts.loader.load({ modelDir, model, workers, onBroken });
      this.use(embedder);
    } catch (error) {
      this.installed = false;
      const { name } = before;
      const detail = `The encoder ${name} cannot be used: ${(error as Error).message}; ${howToGet(name)}.`;
      if (detail !== this.refused?.detail) this.logger.error(detail);
      this.refused = { fingerprint: found, until: Date.now() + RETRY_MS, detail };
      this.become({ state: 'failed', detail });
    }
  }

  private use(embedder: Embedder): void {
    if (this.closing.signal.aborted) return void embedder.close();
    this.embedder = embedder;
    this.logger.log(`${embedder.modelId} is ready`);
    this.become({ state: 'ready', encoder: this.info });
  }

  /** The running encoder has ended and did not come up again; its files are looked at anew. */
  private lose(embedder: Embedder, detail: string): void {
    if (this.embedder !== embedder) return;
    this.embedder = undefined;
    const state = { state: 'failed', detail: `The encoder stopped working: ${detail}.` } as const;
    this.logger.error(state.detail);
    this.become(state);
    void embedder.close();
    if (!this.closing.signal.aborted) this.timer = setTimeout(() => this.watch(), POLL_MS).unref();
  }

  /** Tries the hub once, in the background. */
  private async fetch(model: EncoderModel): Promise<void> {
    this.fetching = 'connecting';
    try {
      const onProgress = ({ done = 0, total }: { done?: number; total?: number }): void => {
        this.fetching = total ? `${Math.floor((100 * done) / total)} %` : 'checking';
      };
      await installModel(this.parts.settings, { signal: this.closing.signal, onProgress }, model.name);
    } catch (error) {
      if (!this.closing.signal.aborted)
        this.logger.warn(`${(error as Error).message}; ${howToGet(model.name)}`);
    } finally {
      this.fetching = undefined;
    }
  }
}

/** How to install an encoder, as the end of a sentence. */
export const howToGet = (name: string): string =>
  !findModel(name)
    ? `run "npm run models:import -- <folder with ${MANIFEST}> ${name}"`
    : `run "npm run models:install -- ${name}", or "npm run models:import -- <folder | .zip | .jar>" without network`;

export function infoOf(source: EncoderSource): EncoderInfo {
  if (source.kind === 'unknown') return source.info;
  if (source.kind === 'remote') return source.remote.info;
  const { name: modelId, dimensions, passagePrefix, scoreScale, languages, lexicalWeight } = source.model;
  // What stands in front of each passage leaves less of what is read at once.
  const maxTokens = source.model.maxTokens - estimateTokens(passagePrefix);
  const made = languages === undefined ? {} : { languages };
  const weight = lexicalWeight === undefined ? {} : { lexicalWeight };
  return { modelId, dimensions, maxTokens, scoreScale, ...made, ...weight };
}
