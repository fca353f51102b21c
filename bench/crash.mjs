// kill -9 in the middle of adding and uploading, over and over: whatever was acknowledged is there once and found,
// and nothing is left behind that nobody knows.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 20);
const BATCH = 16;
const LANES = 2;
const FULL_LIMIT_MS = 180_000;
/** After the last restart everything that was accepted is ready within this time. */
const READY_LIMIT_MS = 120_000;
/** Passages that may be on their way when a round ends: what a restart has to catch up with. */
const MOST_OUTSTANDING = 2000;
const CONSONANTS = 'bcdfghjklmnpqrtvwxz';

/** A word that nothing else holds and no stemmer changes. */
function word(number) {
  let rest = number;
  let letters = '';
  for (let i = 0; i < 6; i++) {
    letters += CONSONANTS[rest % CONSONANTS.length];
    rest = Math.floor(rest / CONSONANTS.length);
  }
  return `zq${letters}`;
}

class Round {
  /** Batches as lists of doc_id: what was sent, and what of it was acknowledged. */
  sent = [];
  acknowledged = [];
  killed = false;
  files = 0;
  #noteFirst;
  firstAcknowledged = new Promise((resolve) => {
    this.#noteFirst = resolve;
  });

  constructor(number) {
    this.number = number;
  }

  batch() {
    const from = this.sent.length * BATCH;
    const documents = Array.from({ length: BATCH }, (_, i) => ({
      doc_id: `r${this.number}-${from + i}`,
      title: `Record ${from + i}`,
      text: `The mark of this record is ${word(this.number * 1e6 + from + i)}. It was written while others were.`,
    }));
    const ids = documents.map(({ doc_id }) => doc_id);
    this.sent.push(ids);
    return { documents, ids };
  }

  /** One file; its content is its own, so it is not taken for another. */
  file() {
    const number = 500_000 + this.files++;
    const doc_id = `r${this.number}-${number}`;
    const text = `# Record ${number}\n\nThe mark of this record is ${word(this.number * 1e6 + number)}. It came as a file.\n`;
    this.sent.push([doc_id]);
    return { doc_id, text };
  }

  async upload(client) {
    const lane = async () => {
      while (!this.killed) {
        const { doc_id, text } = this.file();
        try {
          await client.upload(new Blob([text]), `${doc_id}.md`, doc_id);
          this.acknowledged.push([doc_id]);
          this.#noteFirst();
        } catch (error) {
          if (!this.killed) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }

  async add(client) {
    const lane = async () => {
      while (!this.killed) {
        const { documents, ids } = this.batch();
        try {
          await client.addDocuments(documents);
          this.acknowledged.push(ids);
          this.#noteFirst();
        } catch (error) {
          // Until the kill, nothing may fail; after it, an open request ends without an answer.
          if (!this.killed) throw error;
        }
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}

async function everything(client) {
  const items = [];
  let cursor;
  do {
    const page = await client.documents({ limit: '200', ...(cursor && { cursor }) });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

function checkStored(rounds, items) {
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

/** All that was accepted is read: nothing waits for ever, nothing failed. */
async function untilReady(client, report, limitMs) {
  const limit = performance.now() + limitMs;
  for (;;) {
    const items = await everything(client);
    const open = items.filter(({ status }) => status !== 'ready');
    const failed = open.find(({ status }) => status === 'failed');
    if (failed) throw new Error(`${failed.doc_id} failed: ${JSON.stringify(failed.error)}`);
    report('files', `${open.length} of ${items.length} are on their way`);
    if (open.length === 0) return;
    if (performance.now() > limit)
      throw new Error(`${open.length} documents are stuck, such as ${open[0].doc_id}`);
    await sleep(250);
  }
}

/** Every stored byte belongs to a document, and the stores agree with the database. */
async function checkNothingLeft(server, client, report) {
  const limit = performance.now() + 60_000;
  for (;;) {
    const items = await everything(client);
    const uploaded = items.filter(({ file_name }) => file_name !== null).length;
    const stored = fs
      .readdirSync(path.join(server.dataDir, 'files'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile()).length;
    report('files', `${stored} stored, ${uploaded} of documents`);
    if (stored === uploaded) break;
    if (performance.now() > limit) throw new Error(`${stored} files are stored for ${uploaded} documents`);
    await sleep(500);
  }
  const asked = await client.post('/admin/index/reconcile', { dry_run: true });
  let check = asked;
  while (check.status === 'running') {
    await sleep(250);
    check = await client.get(`/admin/index/reconcile/${asked.id}`);
  }
  if (check.status !== 'done') throw new Error(`the comparison of the stores failed: ${check.error}`);
  for (const [name, value] of Object.entries(check.report))
    if (value.found > 0) throw new Error(`${value.found} ${name}, such as ${value.examples[0]}`);
}

/** By its own word as soon as the server is back, without waiting for vectors. */
async function checkFound(client, round, batches = round.acknowledged) {
  for (const id of batches.flat()) {
    const number = Number(id.split('-')[1]);
    const query = `Where is the mark ${word(round.number * 1e6 + number)}?`;
    const { results } = await client.query({ query, mode: 'lexical', n_results: 1 });
    if (results[0]?.id !== id) throw new Error(`${id} was acknowledged and is not found`);
  }
}

async function untilFull(client, report) {
  const limit = performance.now() + FULL_LIMIT_MS;
  for (;;) {
    const items = await everything(client);
    const done = items.filter(({ indexed }) => indexed === 'full').length;
    report('vectors', `${done} of ${items.length}`);
    if (done === items.length) return;
    if (performance.now() > limit) throw new Error(`${items.length - done} documents got no vectors`);
    await sleep(500);
  }
}

export async function run(context) {
  const model = process.env.BENCH_MODEL !== 'off';
  const rounds = [];
  await context.withDataDir({ model }, async (server) => {
    for (let number = 1; number <= ROUNDS; number++) {
      context.status.show(`round ${number}`);
      await server.start();
      const round = new Round(number);
      rounds.push(round);
      const client = await server.client();
      const adding = Promise.all([round.add(client), round.upload(client)]);
      await Promise.race([round.firstAcknowledged, adding]);
      await Promise.race([sleep(200 + Math.random() * 1500), adding]);
      round.killed = true;
      await server.kill();
      await adding;
      await server.start();
      const next = await server.client();
      checkStored(rounds, await everything(next));
      // Texts are found by words from their answer on; files once they were read.
      await checkFound(
        next,
        round,
        round.acknowledged.filter((batch) => batch.length > 1),
      );
      const { index } = await next.get('/admin/dashboard');
      if (index.waiting > MOST_OUTSTANDING) await untilReady(next, context.report, FULL_LIMIT_MS);
      if (Math.random() < 0.5) await server.stop();
      else await server.kill();
    }
    await server.start();
    const client = await server.client();
    await untilReady(client, context.report, READY_LIMIT_MS);
    if (model) await untilFull(client, context.report);
    await checkNothingLeft(server, client, context.report);
    checkStored(rounds, await everything(client));
    for (const round of rounds) await checkFound(client, round);
  });
  const acknowledged = rounds.reduce((sum, round) => sum + round.acknowledged.flat().length, 0);
  return [
    { figure: 'rounds of kill -9 survived', value: rounds.length, wanted: { min: ROUNDS } },
    { figure: 'acknowledged documents, each there once and found', value: acknowledged },
  ];
}
