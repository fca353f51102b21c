// What has to be true of a server after its processes were killed: nothing lost, doubled, torn, stuck or left over.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { word } from './round.mjs';

const VECTORS_LIMIT_MS = 180_000;
const SETTLE_LIMIT_MS = 60_000;

export async function everything(client) {
  const items = [];
  let cursor;
  do {
    const page = await client.documents({ limit: '200', ...(cursor && { cursor }) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

export function checkStored(rounds, items) {
  const count = new Map();
  for (const { doc_id } of items) count.set(doc_id, (count.get(doc_id) ?? 0) + 1);
  const twice = [...count].find(([, times]) => times > 1);
  if (twice) throw new Error(`${twice[0]} is there ${twice[1]} times`);
  for (const round of rounds) {
    const lost = round.acknowledged.flat().find((id) => !count.has(id));
    if (lost) throw new Error(`${lost} was acknowledged and is lost`);
    const torn = round.sent.find(
      (ids) => ids.some((id) => count.has(id)) && !ids.every((id) => count.has(id)),
    );
    if (torn) throw new Error(`of the batch that begins with ${torn[0]} only a part is there`);
  }
}

/** All that was accepted is read: nothing waits for ever, nothing failed. @returns seconds until then */
export async function untilReady(client, report, limitMs) {
  const startedAt = performance.now();
  for (;;) {
    const items = await everything(client);
    const open = items.filter(({ status }) => status !== 'ready');
    const failed = open.find(({ status }) => status === 'failed');
    if (failed) throw new Error(`${failed.doc_id} failed: ${JSON.stringify(failed.error)}`);
    report('files', `${open.length} of ${items.length} are on their way`);
    const ms = performance.now() - startedAt;
    if (open.length === 0) return ms / 1000;
    if (ms > limitMs) throw new Error(`${open.length} documents are stuck, such as ${open[0].doc_id}`);
    await sleep(250);
  }
}

export async function untilFull(client, report) {
  const limit = performance.now() + VECTORS_LIMIT_MS;
  for (;;) {
    const items = await everything(client);
    const done = items.filter(({ indexed }) => indexed === 'full').length;
    report('vectors', `${done} of ${items.length}`);
    if (done === items.length) return;
    if (performance.now() > limit) throw new Error(`${items.length - done} documents got no vectors`);
    await sleep(500);
  }
}

async function compared(client, dryRun) {
  const asked = await client.post('/admin/index/reconcile', { dry_run: dryRun });
  let check = asked;
  while (check.status === 'running') {
    await sleep(250);
    check = await client.get(`/admin/index/reconcile/${asked.id}`);
  }
  if (check.status !== 'done') throw new Error(`the comparison of the stores failed: ${check.error}`);
  return check.report;
}

/**
 * Every stored byte belongs to a document, and the stores agree with the database. `mend` runs the scheduled repair
 * first, where its time would come later than the benchmark waits.
 */
export async function checkNothingLeft(dataDir, client, report, { mend }) {
  if (mend) await compared(client, false);
  const limit = performance.now() + SETTLE_LIMIT_MS;
  for (;;) {
    const uploaded = (await everything(client)).filter(({ file_name }) => file_name !== null).length;
    const stored = fs
      .readdirSync(path.join(dataDir, 'files'), { recursive: true, withFileTypes: true })
      // The mark says whose store it is.
      .filter((entry) => entry.isFile() && entry.name !== '.installation').length;
    const found = Object.entries(await compared(client, true)).find(([, value]) => value.found > 0);
    report('files', `${stored} stored, ${uploaded} of documents`);
    if (stored === uploaded && !found) return;
    if (performance.now() > limit)
      throw new Error(
        found
          ? `${found[1].found} ${found[0]}, such as ${found[1].examples[0]}`
          : `${stored} files are stored for ${uploaded} documents`,
      );
    await sleep(500);
  }
}

/** Each by its own word, without waiting for vectors, and under no other name. */
export async function checkFound(client, round, batches = round.acknowledged) {
  for (const id of batches.flat()) {
    const number = Number(id.split('-')[1]);
    const mark = word(round.number * 1e6 + number);
    const { results } = await client.query({
      query: `Where is the mark ${mark}?`,
      mode: 'lexical',
      n_results: 5,
    });
    if (results[0]?.id !== id) throw new Error(`${id} was acknowledged and is not found`);
    if (results.filter(({ text }) => text.includes(mark)).length > 1)
      throw new Error(`${id} is found more than once`);
  }
}
