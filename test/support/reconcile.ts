import { setTimeout as sleep } from 'node:timers/promises';
import type { Browser } from './browser.js';

/** The comparison, once it is over. */
export async function reconcile(
  admin: Browser,
  body: object,
): Promise<Record<string, { found: number; mended: number }>> {
  const asked = await admin.post('/admin/index/reconcile', { body });
  expect(asked.status).toBe(202);
  for (const until = Date.now() + 120_000; Date.now() < until; await sleep(200)) {
    const { body: row } = await admin.get(`/admin/index/reconcile/${asked.body.id}`);
    if (row.status === 'failed') throw new Error(row.error);
    if (row.status === 'done') return row.report;
  }
  throw new Error('the comparison does not come to an end');
}
