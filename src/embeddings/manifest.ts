import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { EncoderModel, KnownSimilarity } from './models.types.js';

/** What `encoder.json` beside a model says of it; the rest follows from the model's other files, or has a default. */
export type EncoderManifest = Partial<
  Pick<
    EncoderModel,
    | 'pooling'
    | 'queryPrefix'
    | 'passagePrefix'
    | 'maxTokens'
    | 'dimensions'
    | 'languages'
    | 'scoreScale'
    | 'lexicalWeight'
    | 'similarities'
    | 'tolerance'
  >
> & {
  /** By path below the model's folder. */
  sha256?: Readonly<Record<string, string>>;
};

type Json = Record<string, unknown>;

export const MANIFEST = 'encoder.json';
const MOST_PREFIX = 500;
const MOST_SIMILARITIES = 20;

/** An encoder's manifest; one that runs elsewhere has a folder for it too. */
export const manifestFile = (modelsDir: string, modelId: string): string =>
  path.join(modelsDir, modelId.replaceAll(':', '-'), MANIFEST);

/** @throws Error that says in one line what is wrong with the file; a missing one says nothing */
export async function readManifest(modelsDir: string, modelId: string): Promise<EncoderManifest> {
  const file = manifestFile(modelsDir, modelId);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? {} : parseManifest(text, file);
}

export const isObject = (value: unknown): value is Json =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** @throws Error that says in one line what is wrong; `file` names it */
export function parseJson(text: string, file: string): Json {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not valid JSON`);
  }
  if (!isObject(content)) throw new Error(`${file} is not an object`);
  return content;
}

/** Fields that are not known are for other readers, or later versions. @throws as `parseJson` */
export function parseManifest(text: string, file: string): EncoderManifest {
  const content = parseJson(text, file);
  const found: EncoderManifest = {};
  const take = <T>(field: string, read: (value: unknown) => T | undefined, must: string): T | undefined => {
    const value = content[field];
    if (value === undefined) return undefined;
    const taken = read(value);
    if (taken === undefined) throw new Error(`${file}: ${field} must be ${must}`);
    return taken;
  };
  const put = <K extends keyof EncoderManifest>(key: K, value: EncoderManifest[K] | undefined): void => {
    if (value !== undefined) found[key] = value;
  };
  const prefix = (value: unknown): string | undefined =>
    typeof value === 'string' && value.length <= MOST_PREFIX ? value : undefined;
  const aPrefix = `a text of at most ${MOST_PREFIX} characters`;
  put('pooling', take('pooling', readPooling, '"mean" or "cls"'));
  put('queryPrefix', take('query_prefix', prefix, aPrefix));
  put('passagePrefix', take('passage_prefix', prefix, aPrefix));
  put('maxTokens', take('max_tokens', whole(16, 8192), 'a whole number from 16 to 8192'));
  put('dimensions', take('dimensions', whole(8, 4096), 'a whole number from 8 to 4096'));
  put('languages', take('languages', readLanguages, 'a list of two-letter codes such as ["en", "de"]'));
  put(
    'scoreScale',
    take(
      'score_scale',
      readScale,
      'two cosines such as {"unrelated": 0.1, "matching": 0.6}, the lower first',
    ),
  );
  put('lexicalWeight', take('lexical_weight', between(0, 1), 'a number from 0 to 1'));
  put(
    'similarities',
    take(
      'similarities',
      readSimilarities,
      `at most ${MOST_SIMILARITIES} of {"a": text, "b": text, "cosine": number}`,
    ),
  );
  put('tolerance', take('tolerance', between(0.001, 0.2), 'a number from 0.001 to 0.2'));
  put('sha256', take('sha256', readChecksums, 'SHA-256 sums in hexadecimal by path'));
  return found;
}

/** A manifest as it is written beside a model. */
export const manifestText = (model: EncoderModel): string =>
  `${JSON.stringify(
    {
      pooling: model.pooling,
      query_prefix: model.queryPrefix,
      passage_prefix: model.passagePrefix,
      max_tokens: model.maxTokens,
      dimensions: model.dimensions,
      languages: model.languages,
      score_scale: model.scoreScale,
      lexical_weight: model.lexicalWeight,
      similarities: model.similarities,
      tolerance: model.tolerance,
    },
    null,
    2,
  )}\n`;

const readPooling = (value: unknown): 'mean' | 'cls' | undefined =>
  value === 'mean' || value === 'cls' ? value : undefined;

const between =
  (least: number, most: number) =>
  (value: unknown): number | undefined =>
    typeof value === 'number' && value >= least && value <= most ? value : undefined;

const whole =
  (least: number, most: number) =>
  (value: unknown): number | undefined =>
    Number.isInteger(value) ? between(least, most)(value) : undefined;

const readLanguages = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.length > 0 && value.every((one) => /^[a-z]{2}$/.test(String(one)))
    ? value.map(String)
    : undefined;

function readScale(value: unknown): EncoderModel['scoreScale'] | undefined {
  if (!isObject(value)) return undefined;
  const unrelated = between(-1, 1)(value['unrelated']);
  const matching = between(-1, 1)(value['matching']);
  if (unrelated === undefined || matching === undefined || unrelated >= matching) return undefined;
  return { unrelated, matching };
}

function readSimilarities(value: unknown): KnownSimilarity[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_SIMILARITIES) return undefined;
  const similarities = value.flatMap((one: unknown) => {
    if (!isObject(one)) return [];
    const { a, b } = one;
    const cosine = between(-1, 1)(one['cosine']);
    const fits = (text: unknown): text is string =>
      typeof text === 'string' && text.trim() !== '' && text.length <= 2000;
    return fits(a) && fits(b) && cosine !== undefined ? [{ a, b, cosine }] : [];
  });
  return similarities.length === value.length ? similarities : undefined;
}

function readChecksums(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  const sums = Object.entries(value).map(([file, sum]): [string, string] => [
    file,
    String(sum).toLowerCase(),
  ]);
  return sums.every(([, sum]) => /^[0-9a-f]{64}$/.test(sum)) ? Object.fromEntries(sums) : undefined;
}
