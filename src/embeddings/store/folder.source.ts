import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { describeModel } from '../local-model.js';
import { MANIFEST } from '../manifest.js';
import type { EncoderModel, LocalFile } from '../models.types.js';
import { ModelError } from './model-error.js';
import { syncStaging } from './staging.js';

/** Small files that say what the model is; those that are there are taken along. */
const DESCRIPTIONS = [
  MANIFEST,
  'config.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'modules.json',
  'sentence_bert_config.json',
  'config_sentence_transformers.json',
  '1_Pooling/config.json',
];

/**
 * Copies an encoder that its own manifest describes, with no more than is read of it.
 * @throws ModelError that says in one line what is wrong with it
 */
export async function copyDescribed(name: string, folder: string, staging: string): Promise<EncoderModel> {
  const model = describe(folder, name);
  for (const file of DESCRIPTIONS) {
    const from = path.join(folder, file);
    if (!fs.existsSync(from)) continue;
    await fs.promises.mkdir(path.dirname(path.join(staging, file)), { recursive: true, mode: 0o700 });
    await copy(from, path.join(staging, file));
  }
  for (const file of [model.tokenizer, model.onnx]) await copyChecked(file, folder, staging);
  await syncStaging(staging);
  return model;
}

/** @throws ModelError that says in one line what is wrong with the description */
export function describe(folder: string, name: string): EncoderModel {
  try {
    return describeModel(folder, name);
  } catch (error) {
    throw new ModelError((error as Error).message);
  }
}

async function copyChecked(file: LocalFile, folder: string, staging: string): Promise<void> {
  const from = path.join(folder, file.path);
  if (!fs.existsSync(from)) throw new ModelError(`${folder} holds no ${file.path}`);
  const sum = await copy(from, path.join(staging, file.path));
  if (file.sha256 !== undefined && sum !== file.sha256)
    throw new ModelError(`${from} is not the file of the manifest: its SHA-256 differs`);
}

/** @returns the SHA-256 of what was copied */
async function copy(from: string, to: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(
    fs.createReadStream(from),
    async function* (source) {
      for await (const chunk of source) {
        hash.update(chunk as Buffer);
        yield chunk as Buffer;
      }
    },
    fs.createWriteStream(to, { mode: 0o600, flush: true }),
  );
  return hash.digest('hex');
}
