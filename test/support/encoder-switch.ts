import { setTimeout as sleep } from 'node:timers/promises';
import type { TestApp } from './app.js';
import type { Browser } from './browser.js';

export interface Switch {
  phase: string;
  progress: { done: number; total: number };
  comparison: unknown;
  detail: string | null;
}

export async function reach(admin: Browser, phase: string, seconds = 200): Promise<Switch> {
  for (const until = Date.now() + seconds * 1000; ; await sleep(100)) {
    const { body } = await admin.get('/admin/index');
    const found = body.encoder_switch as Switch;
    if (found.phase === phase) return found;
    if (Date.now() > until || ['done', 'failed', 'cancelled'].includes(found.phase))
      throw new Error(`not ${phase}: ${JSON.stringify(found)}`);
  }
}

/** Until the process follows what the database says. */
export async function uses(admin: Browser, encoder: string): Promise<void> {
  for (const until = Date.now() + 120_000; ; await sleep(50)) {
    const { body } = await admin.get('/admin/index');
    if (body.encoder === encoder && body.encoder_state === 'ready') return;
    if (Date.now() > until) throw new Error(`the encoder is ${body.encoder} ${body.encoder_state}`);
  }
}

/** Ids of versions and how many vectors an index holds of each, and of those that it should hold. */
export async function inventory(
  app: TestApp,
  indexId: string,
): Promise<{ stored: string[]; shown: string[] }> {
  const table = `vectors_${indexId.replaceAll('-', '')}`;
  const stored = await app.source.query<{ line: string }[]>(
    `select version_id || ' ' || count(*) as line from ${table} group by version_id order by 1`,
  );
  const shown = await app.source.query<{ line: string }[]>(
    `select v.id || ' ' || v.chunk_count as line from documents d join document_versions v on v.id = d.active_version_id
     where d.deleted_at is null and v.chunk_count > 0 order by 1`,
  );
  return { stored: stored.map((row) => row.line), shown: shown.map((row) => row.line) };
}

/** Until the index holds what it should, and nothing else: what was deleted is taken out a moment later. */
export async function expectWhole(app: TestApp, indexId: string): Promise<void> {
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(100)) {
    const { stored, shown } = await inventory(app, indexId);
    if (stored.join() === shown.join()) return;
  }
  const { stored, shown } = await inventory(app, indexId);
  expect(stored).toEqual(shown);
}

export async function activeIndex(admin: Browser): Promise<{ id: string; model: string }> {
  const { body } = await admin.get('/admin/index');
  return body.indexes.find((index: { state: string }) => index.state === 'active');
}
