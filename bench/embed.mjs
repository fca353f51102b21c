// Bulk ingestion over REST beside a bare session, and what readers notice of it.
import os from 'node:os';
import { ingest } from '../dist/cli/eval/run-eval.js';
import { bestRate, openBareSession } from './lib/bare-session.mjs';
import { load } from './lib/load.mjs';
import { loopDelayP99 } from './lib/metrics.mjs';
import { freshQueries, queryBodies } from './lib/queries.mjs';

const IDLE_QUERIES = 400;
/** Between two queries of the reader, so that it does not compete for the encoder it waits for. */
const PAUSE_MS = 100;

/** The passages as they were embedded: with title in front. Asked from the server, which cut them. */
async function passages({ client, collection, collectionId }, report) {
  const texts = [];
  const titles = new Map(collection.documents.map(({ doc_id, title }) => [doc_id, title]));
  let cursor;
  do {
    const page = await client.documents({
      collection_id: collectionId,
      limit: '200',
      ...(cursor && { cursor }),
    });
    for (const { id, doc_id } of page.items) {
      const title = titles.get(doc_id);
      for (const { text } of (await client.chunks(id)).items) texts.push(title ? `${title}\n${text}` : text);
    }
    report('reading passages', `${texts.length}`);
    cursor = page.next_cursor;
  } while (cursor);
  return texts;
}

/** The latency of a reader while another collection is added, and while nothing is. */
async function readerBesideIngestion(context, { client, server, collection, collectionId }) {
  const fresh = freshQueries({ queries: [], documents: collection.documents.toReversed() });
  const idleTexts = fresh.take(fresh.share(IDLE_QUERIES));
  context.status.show('queries while idle');
  const idle = await load(client, '/rag/rag_query', queryBodies(idleTexts, collectionId), {
    clients: 1,
    pauseMs: PAUSE_MS,
  });
  const { id: other } = await client.createCollection('Cranfield');
  const done = new AbortController();
  await loopDelayP99(server.base);
  const [busy] = await Promise.all([
    load(client, '/rag/rag_query', queryBodies(fresh.take(Infinity), collectionId), {
      clients: 1,
      pauseMs: PAUSE_MS,
      until: done.signal,
    }),
    ingest(client, context.collection('cranfield'), {
      collectionId: other,
      wanted: 'full',
      report: context.report,
    }).finally(() => done.abort()),
  ]);
  return { idle, busy, loopDelay: await loopDelayP99(server.base) };
}

/** @param least that is wanted of the rate over REST ÷ that of a bare session */
export async function embedding(context, loaded, least) {
  const texts = await passages(loaded, context.report);
  const overRest = texts.length / loaded.seconds;
  const threads = os.availableParallelism();
  const session = await openBareSession(context.modelDir, threads);
  const bare = await bestRate(
    session,
    texts.map((text) => session.tokens(text)),
    context.report,
  );
  await session.close();
  return [
    { figure: `passages embedded over REST (${texts.length})`, value: overRest, unit: '/s' },
    {
      figure: `bare session, ${threads} threads, batches of ${bare.budget} tokens`,
      value: bare.perSecond,
      unit: '/s',
    },
    { figure: 'REST ÷ bare session', value: overRest / bare.perSecond, wanted: { min: least } },
  ];
}

export async function run(context) {
  const loaded = await context.loaded();
  const reader = await readerBesideIngestion(context, loaded);
  return [
    ...(await embedding(context, loaded, 0.8)),
    { figure: 'documents over REST', value: loaded.documents / loaded.seconds, unit: '/s' },
    { figure: 'event-loop delay p99 meanwhile', value: loaded.loopDelay, unit: 'ms', wanted: { max: 25 } },
    { figure: 'the same with a reader', value: reader.loopDelay, unit: 'ms', wanted: { max: 25 } },
    { figure: `query p99 idle (${reader.idle.count})`, value: reader.idle.p99, unit: 'ms' },
    { figure: `query p99 during ingestion (${reader.busy.count})`, value: reader.busy.p99, unit: 'ms' },
    { figure: 'p99 during ingestion ÷ idle', value: reader.busy.p99 / reader.idle.p99, wanted: { max: 3 } },
  ];
}
