import fs from 'node:fs';
import path from 'node:path';
import type { TestApp } from './app.js';

const DEADLINE_MS = 240_000;

/** Names of all files in the store, drafts included; its mark is none. */
export function storedFiles(app: TestApp): string[] {
  const folder = path.join(app.settings.dataDir, 'files');
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
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
    if (performance.now() > end) throw new Error(`still under way: ${JSON.stringify(await underWay(app))}`);
  }
}

/** For whoever has to find out why. */
const underWay = (app: TestApp): Promise<unknown> =>
  app.source.query(
    `select d.id, d.status, d.deleted_at, v.id as version, v.file_name, v.published_at, v.id = d.latest_version_id as latest,
            r.version_id is not null as removable,
            (select jsonb_agg(jsonb_build_object('name', j.name, 'state', j.state, 'retries', j.retry_count, 'start', j.start_after, 'output', j.output))
             from pgboss.job j where j.id = v.id or (j.name = 'documents.remove' and j.state <= 'active')) as jobs
     from document_versions v left join documents d on d.id = v.document_id
     left join removable_versions r on r.version_id = v.id
     where r.version_id is not null or d.deleted_at is not null or d.status in ('queued', 'extracting', 'deleting')`,
  );
