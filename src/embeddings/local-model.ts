import fs from 'node:fs';
import path from 'node:path';
import { isObject, MANIFEST, parseJson, parseManifest, type EncoderManifest } from './manifest.js';
import { findModel } from './models.js';
import type { EncoderModel } from './models.types.js';

type Json = Record<string, unknown>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Whether a folder of this name can hold an encoder. */
export const isModelName = (name: string): boolean => NAME.test(name);

const ONNX_FILES = ['model_quantized', 'model_int8', 'model_uint8', 'model'];
const MOST_BYTES = 1 << 20;
const MOST_TOKENS = 8192;
/** Of an encoder that says nothing of it. */
const SCORE_SCALE = { unrelated: 0.1, matching: 0.6 };
const TOLERANCE = 0.04;

/**
 * The encoder of a name: one that this version knows, as its manifest changes it where there is one, or any other in a
 * folder of `MODELS_DIR` with a manifest. Reads a few small files.
 * @returns undefined where there is no such encoder
 * @throws Error that says in one line what is wrong with its description
 */
export function findLocalModel(modelsDir: string, name: string): EncoderModel | undefined {
  const known = findModel(name);
  if (!NAME.test(name)) return known;
  const dir = path.join(modelsDir, name);
  const text = read(dir, MANIFEST);
  if (text === undefined) return known;
  const manifest = parseManifest(text, path.join(dir, MANIFEST));
  if (known) return { ...known, ...manifest };
  return describeModel(dir, name, manifest);
}

/** Names of folders in `MODELS_DIR` that hold a model and its manifest. */
export async function localModelNames(modelsDir: string): Promise<string[]> {
  const entries = await fs.promises.readdir(modelsDir).catch(() => []);
  return entries
    .filter(
      (name) =>
        NAME.test(name) && isThere(modelsDir, name, MANIFEST) && isThere(modelsDir, name, 'config.json'),
    )
    .toSorted();
}

/**
 * An encoder by its folder: what the manifest does not say is read from the files that sentence-transformers writes.
 * @throws Error that says in one line what is wrong or missing
 */
export function describeModel(dir: string, name: string, manifest = manifestIn(dir)): EncoderModel {
  const config = readJson(dir, 'config.json') ?? fail(`${path.join(dir, 'config.json')} is missing`);
  const { sha256 = {}, ...said } = manifest;
  const onnx =
    ONNX_FILES.map((file) => `onnx/${file}.onnx`).find((file) => isThere(dir, file)) ??
    `onnx/${ONNX_FILES[0]}.onnx`;
  for (const file of Object.keys(sha256))
    if (file !== onnx && file !== 'tokenizer.json')
      fail(`${path.join(dir, MANIFEST)}: sha256 names ${file}, but only ${onnx} and tokenizer.json are read`);
  const withSum = (file: string): { path: string; sha256?: string } => {
    const sum = sha256[file];
    return sum === undefined ? { path: file } : { path: file, sha256: sum };
  };
  assertOnlyPooled(dir);
  return {
    name,
    normalize: true,
    queryPrefix: promptOf(dir, 'query'),
    passagePrefix: promptOf(dir, 'passage', 'document'),
    scoreScale: SCORE_SCALE,
    similarities: [],
    tolerance: TOLERANCE,
    ...said,
    pooling: poolingOf(dir, said),
    dimensions: dimensionsOf(dir, config, said),
    maxTokens: maxTokensOf(dir, config, said),
    onnx: withSum(onnx),
    tokenizer: withSum('tokenizer.json'),
  };
}

function manifestIn(dir: string): EncoderManifest {
  const text = read(dir, MANIFEST);
  return text === undefined ? {} : parseManifest(text, path.join(dir, MANIFEST));
}

/** After pooling nothing may follow but the scaling to length 1. */
function assertOnlyPooled(dir: string): void {
  const file = path.join(dir, 'modules.json');
  const text = read(dir, 'modules.json');
  if (text === undefined) return;
  const modules = (parseJson(`{"modules": ${text}}`, file) as { modules: unknown }).modules;
  for (const module of Array.isArray(modules) ? modules : []) {
    const kind = isObject(module) ? String(module['type']).split('.').at(-1) : '';
    if (kind !== undefined && !['Transformer', 'Pooling', 'Normalize', ''].includes(kind))
      fail(`${file}: the encoder has a layer ${kind}, which is not supported`);
  }
}

function poolingOf(dir: string, said: EncoderManifest): 'mean' | 'cls' {
  const file = path.join(dir, '1_Pooling/config.json');
  const config = readJson(dir, '1_Pooling/config.json');
  const modes = Object.entries(config ?? {}).flatMap(([key, value]) => {
    const mode = /^pooling_mode_(\w+)$/.exec(key)?.[1];
    return mode !== undefined && value === true ? [mode] : [];
  });
  const names: Record<string, 'mean' | 'cls'> = { mean_tokens: 'mean', cls_token: 'cls' };
  const found = modes.length === 1 ? names[modes[0] ?? ''] : undefined;
  if (modes.length > 0 && found === undefined)
    fail(`${file}: pooling by ${modes.join(' and ')} is not supported, only by mean_tokens or cls_token`);
  if (said.pooling !== undefined && found !== undefined && said.pooling !== found)
    fail(`${path.join(dir, MANIFEST)} says pooling "${said.pooling}", but ${file} says "${found}"`);
  return said.pooling ?? found ?? fail(`${path.join(dir, MANIFEST)} must name pooling, "mean" or "cls"`);
}

function dimensionsOf(dir: string, config: Json, said: EncoderManifest): number {
  const hidden = wholeNumber(config['hidden_size']);
  if (said.dimensions !== undefined && hidden !== undefined && said.dimensions !== hidden)
    fail(`${path.join(dir, MANIFEST)} says ${said.dimensions} dimensions, but the model has ${hidden}`);
  return said.dimensions ?? hidden ?? fail(`${path.join(dir, MANIFEST)} must name dimensions`);
}

/** What it was trained to read, of what it can. */
function maxTokensOf(dir: string, config: Json, said: EncoderManifest): number {
  const most = Math.min(MOST_TOKENS, wholeNumber(config['max_position_embeddings']) ?? MOST_TOKENS);
  if (said.maxTokens !== undefined && said.maxTokens > most)
    fail(`${path.join(dir, MANIFEST)} says ${said.maxTokens} tokens, but the model reads ${most} at most`);
  const trained =
    wholeNumber(readJson(dir, 'sentence_bert_config.json')?.['max_seq_length']) ??
    wholeNumber(readJson(dir, 'tokenizer_config.json')?.['model_max_length']);
  return said.maxTokens ?? Math.max(16, Math.min(trained ?? most, most));
}

function promptOf(dir: string, ...kinds: readonly string[]): string {
  const prompts = readJson(dir, 'config_sentence_transformers.json')?.['prompts'];
  if (!isObject(prompts)) return '';
  return kinds.map((kind) => prompts[kind]).find((prompt) => typeof prompt === 'string') ?? '';
}

const wholeNumber = (value: unknown): number | undefined =>
  Number.isInteger(value) && Number(value) > 0 ? Number(value) : undefined;

const isThere = (...parts: string[]): boolean => fs.existsSync(path.join(...parts));

function read(dir: string, name: string): string | undefined {
  const file = path.join(dir, name);
  const stat = fs.statSync(file, { throwIfNoEntry: false });
  if (!stat?.isFile()) return undefined;
  if (stat.size > MOST_BYTES) fail(`${file} is larger than ${MOST_BYTES} bytes`);
  return fs.readFileSync(file, 'utf8');
}

function readJson(dir: string, name: string): Json | undefined {
  const text = read(dir, name);
  return text === undefined ? undefined : parseJson(text, path.join(dir, name));
}

function fail(message: string): never {
  throw new Error(message);
}
