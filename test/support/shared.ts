import fs from 'node:fs';
import path from 'node:path';

/** The folder with real models, files and collections that stands beside the repository. */
export const sharedDir = path.resolve(
  process.env['SHARED_DIR'] ?? path.join(import.meta.dirname, '../../../shared'),
);

/** Skips a suite, naming what is missing; under REQUIRE_SHARED=1 it runs all the same, and fails. */
export function describeWithShared(title: string, needed: readonly string[], body: () => void): void {
  const missing = needed.map((name) => path.join(sharedDir, name)).filter((file) => !fs.existsSync(file));
  if (missing.length === 0 || process.env['REQUIRE_SHARED'] === '1') describe(title, body);
  else describe.skip(`${title} (missing: ${missing.join(', ')})`, body);
}
