import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** What `encoder.json` beside a model says of it, instead of what this version knows. */
export interface EncoderManifest {
  /** Share of the words' vote in a hybrid search, 0 to 1. */
  lexicalWeight?: number;
}

const FILE = 'encoder.json';

/** An encoder's manifest; one that runs elsewhere has a folder for it too. */
export const manifestFile = (modelsDir: string, modelId: string): string =>
  path.join(modelsDir, modelId.replaceAll(':', '-'), FILE);

/** @throws Error that says in one line what is wrong with the file; a missing one says nothing */
export async function readManifest(modelsDir: string, modelId: string): Promise<EncoderManifest> {
  const file = manifestFile(modelsDir, modelId);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return {};
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new Error(`${file} is not valid JSON`);
  }
  const isObject = content !== null && typeof content === 'object' && !Array.isArray(content);
  const weight = isObject ? (content as { lexical_weight?: unknown }).lexical_weight : null;
  if (weight === undefined) return {};
  if (typeof weight !== 'number' || !(weight >= 0 && weight <= 1))
    throw new Error(`${file}: lexical_weight must be a number from 0 to 1`);
  return { lexicalWeight: weight };
}
