import fs from 'node:fs';
import path from 'node:path';
import type { TestApp } from './app.js';

const DEADLINE_MS = 120_000;

/** Names of all files in the store, drafts included. */
export function storedFiles(app: TestApp): string[] {
  const folder = path.join(app.settings.dataDir, 'files');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
    .sort();
}

/**
 * Waits until nothing is read and nothing that was replaced or deleted is left to be removed: only then is the number of
 * files the work of what comes next.
 */
export async function untilQuiet(app: TestApp): Promise<void> {
  for (const end = performance.now() + DEADLINE_MS; ; await new Promise((done) => setTimeout(done, 50))) {
    const [open] = await app.source.query<{ n: number }[]>(
      `select ((select count(*) from removable_versions) +
               (select count(*) from documents where deleted_at is not null
                   or status in ('queued', 'extracting', 'deleting')))::int as n`,
    );
    if (open?.n === 0) return;
    if (performance.now() > end) throw new Error(`${open?.n} documents or versions are still under way`);
  }
}
