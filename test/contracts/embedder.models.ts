import fs from 'node:fs';
import path from 'node:path';
import { findModel } from '../../src/embeddings/models.js';
import type { KnownModel } from '../../src/embeddings/models.types.js';

/** The folder with real models and collections that stands beside the repository. */
export const sharedDir = path.resolve(
  process.env['SHARED_DIR'] ?? path.join(import.meta.dirname, '../../../shared'),
);

export const sharedModelDir = (name: string): string => path.join(sharedDir, 'models', name);

/** Skips the suite where the models are not there, unless they are required: then it fails. */
export function describeWithModels(title: string, names: readonly string[], body: () => void): void {
  const missing = names.map(sharedModelDir).filter((dir) => !fs.existsSync(path.join(dir, 'config.json')));
  if (missing.length === 0 || process.env['REQUIRE_SHARED'] === '1') describe(title, body);
  else describe.skip(`${title} (missing: ${missing.join(', ')})`, body);
}

export function modelNamed(name: string): KnownModel {
  const model = findModel(name);
  if (!model) throw new Error(`the manifest has no ${name}`);
  return model;
}

export const cosine = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
