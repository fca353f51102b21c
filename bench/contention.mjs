// Fifty clients that replace, delete, read and query the same few documents: no reader sees a mixture of versions,
// nothing fails, and at the end everything that counts agrees.
import { setTimeout as sleep } from 'node:timers/promises';
import { checkNothingLeft, everything } from './lib/crash/checks.mjs';
import { percentile } from '../dist/common/search/ranking-quality.js';

const CLIENTS = 50;
const DOCUMENTS = 8;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 40);
const SETTLE_MS = 180_000;
const SENTENCES = 120;
/** What a client may be told: done, not there (any more), or somebody else was quicker. */
const EXPECTED = new Set([200, 202, 404, 409]);

/** A text of several passages that all name the same edition. */
const edition = (mark) =>
  Array.from(
    { length: SENTENCES },
    (_, i) => `Sentence ${i} of the contested document belongs to edition ${mark}.`,
  ).join(' ');

const marksIn = (text) => [...text.matchAll(/edition (\w+)\./g)].map(([, mark]) => mark);

class Contest {
  statuses = new Map();
  mixed = [];
  milliseconds = [];

  constructor(client) {
    this.client = client;
  }

  async send(route, { method = 'GET', json, form } = {}) {
    const sentAt = performance.now();
    const response = await fetch(`${this.client.base}${route}`, {
      method,
      headers: {
        authorization: this.client.authorization,
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? form && { body: form } : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    this.milliseconds.push(performance.now() - sentAt);
    this.statuses.set(response.status, (this.statuses.get(response.status) ?? 0) + 1);
    return { status: response.status, text };
  }

  write(docId, mark, asFile) {
    const text = edition(mark);
    if (!asFile)
      return this.send('/rag/add_document', { method: 'POST', json: { doc_id: docId, text, wait_ms: 0 } });
    const form = new FormData();
    form.append('doc_id', docId);
    form.append('file', new Blob([text]), 'contested.txt');
    return this.send('/documents', { method: 'POST', form });
  }

  async query() {
    const { status, text } = await this.send('/rag/rag_query', {
      method: 'POST',
      json: { query: 'contested document edition', n_results: 100, mode: 'lexical' },
    });
    if (status !== 200) return;
    const editions = new Map();
    for (const hit of JSON.parse(text).results)
      for (const mark of marksIn(hit.text))
        editions.set(hit.id, (editions.get(hit.id) ?? new Set()).add(mark));
    for (const [id, marks] of editions)
      if (marks.size > 1) this.mixed.push(`${id}: ${[...marks].join(', ')}`);
  }

  /** The whole text of one of them: all of it is of one edition. */
  async read(docId) {
    const [found] = (await this.client.documents({ doc_id: docId })).items;
    if (!found) return;
    const { status, text } = await this.send(`/documents/${found.id}/text`);
    const marks = new Set(status === 200 ? marksIn(text) : []);
    if (marks.size > 1) this.mixed.push(`${docId} as text: ${[...marks].join(', ')}`);
  }
}

async function untilSettled(client) {
  const limit = performance.now() + SETTLE_MS;
  for (;;) {
    const items = await everything(client);
    const open = items.filter(({ status }) => status !== 'ready');
    if (open.length === 0) return items;
    if (performance.now() > limit) throw new Error(`${open[0].doc_id} is ${open[0].status}`);
    await sleep(250);
  }
}

export async function run(context) {
  return context.withServer({ model: process.env.BENCH_MODEL !== 'off' }, async (server, client) => {
    const contest = new Contest(client);
    let done = 0;
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, n) => {
        for (let round = 0; round < ROUNDS; round++) {
          const docId = `contested-${(n + round) % DOCUMENTS}`;
          const choice = (n + round) % 6;
          if (choice < 2) await contest.write(docId, `${n}x${round}`, n % 3 === 0);
          else if (choice === 2) await contest.send(`/documents?doc_id=${docId}`, { method: 'DELETE' });
          else if (choice === 3) await contest.read(docId);
          else await contest.query();
          context.status.show('contention', `${++done} of ${CLIENTS * ROUNDS}`);
        }
      }),
    );
    if (contest.mixed.length > 0) throw new Error(`a mixture of versions: ${contest.mixed[0]}`);
    const items = await untilSettled(client);
    await checkNothingLeft(server.dataDir, client, context.report, { mend: false });
    const found = await client.query({
      query: 'contested document edition',
      n_results: 100,
      mode: 'lexical',
      group_by: 'document',
    });
    const listed = new Set(items.map(({ doc_id }) => doc_id));
    const differing = found.results.filter(({ id }) => !listed.delete(id)).length + listed.size;
    const unexpected = [...contest.statuses].filter(([status]) => !EXPECTED.has(status));
    return [
      {
        figure: `requests of ${CLIENTS} clients to the same ${DOCUMENTS} documents`,
        value: contest.milliseconds.length,
      },
      { figure: 'readers that saw a mixture of versions', value: contest.mixed.length, wanted: { max: 0 } },
      {
        figure: 'answers that nobody expects',
        value: unexpected.reduce((sum, [, count]) => sum + count, 0),
        wanted: { max: 0 },
      },
      {
        figure: 'documents listed and not found, or found and not listed',
        value: differing,
        wanted: { max: 0 },
      },
      { figure: 'a request, p99', value: percentile(contest.milliseconds, 0.99), unit: 'ms' },
    ];
  });
}
