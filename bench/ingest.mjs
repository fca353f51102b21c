// Files through the whole line: uploads, reading, passages, vectors, and what others notice of it.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../dist/evaluation/metrics.js';
import { bestRate, openBareSession } from './lib/bare-session.mjs';
import { claimTimes } from './lib/claims.mjs';
import { treeMegabytes } from './lib/metrics.mjs';
import { pagesAsPdf } from './lib/pdf.mjs';

const CLIENTS = 16;
const SMALL_DOCUMENTS = 1000;
const PDF_PAGES = 500;
const SETTLE_MS = 1_800_000;

/** Polls until nothing is on its way; with `full`, until all vectors are there. */
async function untilSettled(client, report, { full = false } = {}) {
  const limit = performance.now() + SETTLE_MS;
  for (;;) {
    let open = 0;
    for (const status of ['queued', 'extracting', 'embedding'])
      open += (await client.documents({ status, limit: '1' })).items.length;
    if (open === 0 && !full) return;
    if (open === 0) {
      const { index } = await client.get('/admin/dashboard');
      report('vectors', `${index.waiting} documents wait`);
      if (index.waiting === 0) return;
    }
    if (performance.now() > limit) throw new Error('documents are still on their way');
    await sleep(250);
  }
}

/** Latencies of a request that has nothing to do with what goes on, in milliseconds, while `work` runs. */
async function beside(client, work) {
  const milliseconds = [];
  let working = true;
  const watcher = (async () => {
    while (working) {
      const sentAt = performance.now();
      await client.get('/collections');
      milliseconds.push(performance.now() - sentAt);
      await sleep(20);
    }
  })();
  try {
    const result = await work();
    return { result, p99: () => percentile(milliseconds, 0.99) };
  } finally {
    working = false;
    await watcher;
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
    const { p99 } = await beside(client, async () => {
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
    return { seconds, texts, p99: p99() };
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

async function realFiles(context) {
  const files = below(path.join(context.sharedDir, 'files'))
    .slice(0, context.limit)
    .map((file, i) => ({ id: `${i}`, name: path.basename(file), data: fs.readFileSync(file) }));
  return context.withServer({ model: false }, async (server, client) => {
    const startedAt = performance.now();
    const { p99, result } = await beside(client, () =>
      peak(server.pid, async () => {
        context.status.show('real files', `${files.length}`);
        await uploadAll(client, files);
        await untilSettled(client, context.report);
      }),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    return [
      { figure: `real files read (${files.length})`, value: files.length / seconds, unit: '/s' },
      { figure: 'most memory of the reading process', value: result.child, unit: 'MB' },
      { figure: 'growth of the server meanwhile', value: result.growth, unit: 'MB' },
      { figure: 'an unrelated GET meanwhile, p99', value: p99(), unit: 'ms', wanted: { max: 50 } },
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

async function queue(context) {
  const most = Number.isFinite(context.limit) ? 2000 : 100_000;
  const times = await claimTimes([100, most], context.report);
  const [short, long] = times;
  return [
    { figure: `claim of a job, ${short.waiting} waiting, median`, value: short.milliseconds, unit: 'ms' },
    { figure: `claim of a job, ${long.waiting} waiting, median`, value: long.milliseconds, unit: 'ms' },
    {
      figure: 'long queue ÷ short queue',
      value: long.milliseconds / short.milliseconds,
      wanted: { max: 1.5 },
    },
    { figure: `adding a job to ${long.waiting}, median`, value: long.adding, unit: 'ms' },
  ];
}

export async function run(context) {
  return [
    ...(await queue(context)),
    ...(await longPdf(context)),
    ...(await realFiles(context)),
    ...(await smallDocuments(context)),
  ];
}
