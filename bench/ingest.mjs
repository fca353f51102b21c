// Files through the whole line: uploads, reading, passages, vectors, and what others notice of it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiClient } from '../dist/cli/client.js';
import { register } from './lib/accounts.mjs';
import { beside } from './lib/beside.mjs';
import { bestRate, openBareSession } from './lib/bare-session.mjs';
import { claimTimes } from './lib/claims.mjs';
import { treeMegabytes } from './lib/metrics.mjs';
import { pagesAsPdf } from './lib/pdf.mjs';
import { migratedEnvironment, withPostgres } from './lib/postgres.mjs';

const CLIENTS = 16;
const SMALL_DOCUMENTS = 1000;
const PDF_PAGES = 500;
const TABLE_ROWS = 50_000;
const TEXT_CHARACTERS = 20_000_000;
const FAIR_DOCUMENTS = 10_000;
const FILES_AT_ONCE = 100;
const SETTLE_MS = 1_800_000;
const POLL_MS = 500;
const expectations = JSON.parse(
  fs.readFileSync(new URL('../test/integration/extract.expectations.json', import.meta.url), 'utf8'),
);

/** Polls until nothing is on its way; with `full`, until all vectors are there. Rarely, for it is work as well. */
async function untilSettled(client, report, { full = false } = {}) {
  const limit = performance.now() + SETTLE_MS;
  const some = async (status) => (await client.documents({ status, limit: '1' })).items.length > 0;
  for (;;) {
    const open = (await some('queued')) || (await some('extracting')) || (await some('embedding'));
    if (!open && !full) return;
    if (!open) {
      const { index } = await client.get('/admin/dashboard');
      report('vectors', `${index.waiting} documents wait`);
      if (index.waiting === 0) return;
    }
    if (performance.now() > limit) throw new Error('documents are still on their way');
    await sleep(POLL_MS);
  }
}

/** The most memory that a process and those below it take while `work` runs, in megabytes. */
async function peak(pid, work) {
  const start = treeMegabytes(pid);
  const most = { server: start.own, below: start.largestChild };
  const timer = setInterval(() => {
    const { own, largestChild } = treeMegabytes(pid);
    most.server = Math.max(most.server, own);
    most.below = Math.max(most.below, largestChild);
  }, 100);
  try {
    const result = await work();
    return { result, growth: most.server - start.own, child: most.below };
  } finally {
    clearInterval(timer);
  }
}

async function uploadAll(client, files) {
  let next = 0;
  const lane = async () => {
    for (let file = files[next++]; file; file = files[next++])
      await client.upload(new Blob([file.data]), file.name, file.id);
  };
  await Promise.all(Array.from({ length: CLIENTS }, lane));
}

/** Texts of SciFact as files: real sentences, each file a document of one to three passages. */
async function smallDocuments(context) {
  const count = Math.min(SMALL_DOCUMENTS, context.limit);
  const files = context
    .collection('scifact')
    .documents.slice(0, count)
    .map(({ doc_id, title, text }) => ({ id: doc_id, name: `${doc_id}.txt`, data: `${title}\n\n${text}` }));
  const measured = await context.withServer({}, async (_server, client) => {
    const startedAt = performance.now();
    const { p99 } = await beside(client, { route: '/collections', pauseMs: 100 }, async () => {
      context.status.show('small documents', `${files.length} files by ${CLIENTS} clients`);
      await uploadAll(client, files);
      await untilSettled(client, context.report, { full: true });
    });
    const seconds = (performance.now() - startedAt) / 1000;
    const texts = [];
    let cursor;
    do {
      const page = await client.documents({ limit: '200', ...(cursor && { cursor }) });
      for (const { id, title } of page.items)
        for (const { text } of (await client.chunks(id)).items) texts.push(`${title}\n${text}`);
      cursor = page.next_cursor;
    } while (cursor);
    return { seconds, texts, p99 };
  });
  const session = await openBareSession(context.modelDir, os.availableParallelism());
  const tokens = measured.texts.map((text) => session.tokens(text));
  const { perSecond } = await bestRate(session, tokens, context.report);
  await session.close();
  const share = (measured.texts.length / perSecond / measured.seconds) * 100;
  return [
    {
      figure: `small documents by ${CLIENTS} clients (${files.length})`,
      value: files.length / measured.seconds,
      unit: '/s',
    },
    { figure: 'of that time, what the encoder alone needs', value: share, unit: '%', wanted: { min: 70 } },
    { figure: 'an unrelated GET meanwhile, p99', value: measured.p99, unit: 'ms', wanted: { max: 50 } },
  ];
}

const below = (folder) =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));

const flat = (text) => text.replace(/\s+/g, ' ');

/** Of the phrases that are known to be in the files, the share that is in what was read, for each format. */
async function completeness(client, files) {
  const formats = new Map();
  for (const { id, name, contains } of files) {
    if (contains.length === 0) continue;
    const format = path.extname(name).slice(1).toLowerCase();
    const sums = formats.get(format) ?? { known: 0, found: 0 };
    formats.set(format, sums);
    const [document] = (await client.documents({ doc_id: id })).items;
    const text = document?.status === 'ready' ? flat(await client.text(document.id)) : '';
    sums.known += contains.length;
    sums.found += contains.filter((phrase) => text.includes(flat(phrase))).length;
  }
  return [...formats].map(([format, { known, found }]) => ({
    figure: `${format}: known phrases in the text`,
    value: (found / known) * 100,
    unit: `% of ${known}`,
    wanted: { min: 100 },
  }));
}

async function realFiles(context) {
  const root = path.join(context.sharedDir, 'files');
  const files = below(root)
    .slice(0, context.limit)
    .map((file, i) => ({
      id: `${i}`,
      name: path.basename(file),
      data: fs.readFileSync(file),
      contains: expectations[path.relative(root, file)]?.contains ?? [],
    }));
  return context.withServer({ model: false }, async (server, client) => {
    const startedAt = performance.now();
    const { p99, requests, result } = await beside(client, { route: '/collections', pauseMs: 20 }, () =>
      peak(server.pid, async () => {
        context.status.show('real files', `${files.length}`);
        await uploadAll(client, files);
        await untilSettled(client, context.report);
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return [
      { figure: `real files read (${files.length})`, value: files.length / seconds, unit: '/s' },
      {
        figure: 'most memory of the reading process',
        value: result.child,
        unit: 'MB',
        wanted: { max: 1024 },
      },
      { figure: 'growth of the server meanwhile', value: result.growth, unit: 'MB' },
      {
        figure: `an unrelated GET meanwhile, p99 of ${requests}`,
        value: p99,
        unit: 'ms',
        wanted: { max: 50 },
      },
      ...(await completeness(client, files)),
    ];
  });
}

async function longPdf(context) {
  const pages = Math.min(PDF_PAGES, context.limit);
  const texts = context.collection('scifact').documents.map(({ text }) => text);
  const data = pagesAsPdf(Array.from({ length: pages }, (_, i) => texts[i % texts.length]));
  return context.withServer({ model: false }, async (server, client) => {
    context.status.show('a long PDF', `${pages} pages`);
    const startedAt = performance.now();
    const { growth, child } = await peak(server.pid, async () => {
      await client.upload(new Blob([data]), 'long.pdf', 'long');
      await untilSettled(client, context.report);
    });
    const [document] = (await client.documents({ doc_id: 'long' })).items;
    if (document?.status !== 'ready' || document.pages !== pages)
      throw new Error(`the PDF is ${document?.status} with ${document?.pages} pages`);
    return [
      {
        figure: `PDF of ${pages} pages, found by words`,
        value: (performance.now() - startedAt) / 1000,
        unit: 's',
      },
      { figure: 'memory of the process that reads it', value: child, unit: 'MB', wanted: { max: 700 } },
      { figure: 'growth of the server meanwhile', value: growth, unit: 'MB', wanted: { max: 100 } },
    ];
  });
}

/** A table as CSV, and prose: about 5 and 20 megabytes. */
function longTexts(context) {
  const texts = context.collection('scifact').documents.map(({ text }) => text);
  const words = texts.map((text) => text.replaceAll(/[",\n]/g, '').split(' '));
  const rows = Array.from({ length: Math.min(TABLE_ROWS, context.limit * 100) }, (_, i) => {
    const about = words[i % words.length].slice(i % 20, (i % 20) + 8).join(' ');
    return `${i},Person ${i},${(i * 37) % 9973},2024-0${(i % 9) + 1}-1${i % 10},${about}`;
  });
  const prose = [];
  const characters = Math.min(TEXT_CHARACTERS, context.limit * 10_000);
  for (let i = 0, length = 0; length < characters; length += prose[i++].length + 2)
    prose.push(`${texts[i % texts.length]} Remark ${i}.`);
  return [
    {
      name: 'rows.csv',
      what: `a table of ${rows.length} rows`,
      data: ['id,name,amount,day,remark', ...rows].join('\n'),
    },
    { name: 'prose.txt', what: `a text of ${characters / 1e6} million characters`, data: prose.join('\n\n') },
  ];
}

/** What somebody else waits at most while one file with a long text comes in. */
async function besideLongTexts(context) {
  const figures = [];
  for (const { name, what, data } of longTexts(context)) {
    const longest = await context.withServer({ model: false }, async (_server, client) => {
      context.status.show(name, what);
      const measured = await beside(client, { route: '/collections', pauseMs: 20 }, async () => {
        await client.upload(new Blob([data]), name, name);
        await untilSettled(client, context.report);
      });
      const [document] = (await client.documents({ doc_id: name })).items;
      if (document?.status !== 'ready') throw new Error(`${name} is ${document?.status}`);
      return measured.longest;
    });
    figures.push({ figure: `an unrelated GET beside ${what}, longest`, value: longest, unit: 'ms' });
  }
  return figures;
}

/** Claims and additions with a short and a long queue, on one kind of database. */
async function queue(context, kind, env) {
  const most = Number.isFinite(context.limit) ? 2000 : 100_000;
  const [short, long] = await claimTimes([100, most], context.report, env);
  const grown = (name) => long[name] / short[name];
  const wanted = { max: 1.5 };
  return [
    {
      figure: `${kind}: claim of a job, ${short.waiting} waiting, median`,
      value: short.milliseconds,
      unit: 'ms',
    },
    {
      figure: `${kind}: claim of a job, ${long.waiting} waiting, median`,
      value: long.milliseconds,
      unit: 'ms',
    },
    { figure: `${kind}: claim, long queue ÷ short queue`, value: grown('milliseconds'), wanted },
    { figure: `${kind}: finding a turn, long ÷ short`, value: grown('turn'), wanted },
    { figure: `${kind}: adding a job, long ÷ short`, value: grown('adding'), wanted },
  ];
}

async function queues(context) {
  const rows = await queue(context, 'embedded', {});
  const onServer = await withPostgres((databaseUrl) =>
    queue(context, 'PostgreSQL', migratedEnvironment(databaseUrl)),
  );
  return [
    ...rows,
    ...(onServer ?? [{ figure: 'PostgreSQL', value: 'not run: POSTGRES_BIN or BENCH_DATABASE_URL' }]),
  ];
}

/** A file of a newcomer behind the many of somebody else, and what becomes of those beyond the limit. */
async function fairness(context) {
  const count = Math.min(FAIR_DOCUMENTS, context.limit * 10);
  const env = { MAX_QUEUED_DOCUMENTS: String(count), REGISTRATION: 'open' };
  return context.withServer({ model: false, env }, async (server, client) => {
    context.status.show('fairness', `${count} files of one user`);
    const note = (n) => new Blob([`# Note ${n}\n\nThe tide of day ${n} was written down by the keeper.\n`]);
    const form = (from, size) => {
      const body = new FormData();
      for (let n = from; n < from + size; n++) body.append('file', note(n), `note-${n}.md`);
      return body;
    };
    const send = (body) =>
      fetch(`${server.base}/documents`, {
        method: 'POST',
        headers: { authorization: client.authorization },
        body,
      });
    let refused = 0;
    let waitsFor = 0;
    for (let from = 0; from < 2 * count && refused === 0; from += FILES_AT_ONCE) {
      const answer = await send(form(from, FILES_AT_ONCE));
      if (answer.status === 429) {
        refused = answer.status;
        waitsFor = Number(answer.headers.get('retry-after'));
      } else if (answer.status !== 202) throw new Error(`an upload answered ${answer.status}`);
      await answer.arrayBuffer();
    }
    const newcomer = new ApiClient(server.base);
    const account = await register(server.base);
    await newcomer.signIn(account);
    const startedAt = performance.now();
    const { id } = await newcomer.upload(note('of the newcomer'), 'one.md', 'one');
    let status = 'queued';
    while (!['ready', 'failed'].includes(status)) {
      await sleep(50);
      ({ status } = await newcomer.document(id));
    }
    if (status !== 'ready') throw new Error(`the file of the newcomer is ${status}`);
    const seconds = (performance.now() - startedAt) / 1000;
    const left = await waitingOf(client);
    return [
      {
        figure: `one file of a newcomer behind ${left} of another user`,
        value: seconds,
        unit: 's',
        wanted: { max: 10 },
      },
      { figure: 'files beyond the limit are refused with', value: refused, wanted: { min: 429, max: 429 } },
      { figure: 'and told to come back after', value: waitsFor, unit: 's', wanted: { min: 1 } },
    ];
  });
}

async function waitingOf(client) {
  let count = 0;
  let cursor;
  do {
    const page = await client.documents({ status: 'queued', limit: '200', ...(cursor && { cursor }) });
    count += page.items.length;
    cursor = page.next_cursor;
  } while (cursor);
  return count;
}

export async function run(context) {
  return [
    ...(await queues(context)),
    ...(await fairness(context)),
    ...(await longPdf(context)),
    ...(await realFiles(context)),
    ...(await besideLongTexts(context)),
    ...(await smallDocuments(context)),
  ];
}
