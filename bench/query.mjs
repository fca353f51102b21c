// Hybrid queries over SciFact beside what the encoder alone could do, and memory afterwards.
import { percentile } from '../dist/common/search/ranking-quality.js';
import { openBareSession } from './lib/bare-session.mjs';
import { load } from './lib/load.mjs';
import { residentMegabytes } from './lib/metrics.mjs';
import { freshQueries, queryBodies } from './lib/queries.mjs';

/** Until then the engine compiles, in every thread, what runs often: a server that runs for days is past that. */
const WARM_UP = 1300;
const ALONE = 200;
const TOGETHER = 1000;

/** One query after the other on one thread: milliseconds each. */
async function bareEmbedding(modelDir, texts) {
  const session = await openBareSession(modelDir, 1);
  const milliseconds = [];
  for (const text of texts) {
    const startedAt = performance.now();
    await session.run([session.tokens(text)]);
    milliseconds.push(performance.now() - startedAt);
  }
  await session.close();
  const seconds = milliseconds.reduce((sum, each) => sum + each, 0) / 1000;
  return { perSecond: texts.length / seconds, p50: percentile(milliseconds, 0.5) };
}

/** @param least that is wanted of the rate ÷ that of bare embeddings */
export async function queries(context, { server, client, collection, collectionId }, least) {
  const fresh = freshQueries(collection);
  const send = (texts, clients) =>
    load(client, '/rag/rag_query', queryBodies(texts, collectionId), { clients });
  context.status.show('warming up');
  await send(fresh.take(fresh.share(WARM_UP)), 16);
  context.status.show('queries of one client');
  const asked = fresh.take(fresh.share(ALONE));
  const alone = await send(asked, 1);
  context.status.show('queries of 16 clients');
  const askedTogether = fresh.take(fresh.share(TOGETHER));
  const together = await send(askedTogether, 16);
  const memory = residentMegabytes(server.pid);
  context.status.show('a bare session');
  const bareAlone = await bareEmbedding(context.modelDir, asked);
  const bare = await bareEmbedding(context.modelDir, askedTogether);
  return [
    { figure: 'queries at 16 clients', value: together.perSecond, unit: '/s' },
    { figure: 'bare query embeddings, one thread', value: bare.perSecond, unit: '/s' },
    {
      figure: 'queries ÷ bare embeddings',
      value: together.perSecond / bare.perSecond,
      wanted: { min: least },
    },
    { figure: 'p50 of one client', value: alone.p50, unit: 'ms' },
    { figure: 'p50 of a bare embedding', value: bareAlone.p50, unit: 'ms' },
    { figure: 'p50 above its embedding', value: alone.p50 - bareAlone.p50, unit: 'ms', wanted: { max: 15 } },
    { figure: 'p99 at 16 clients', value: together.p99, unit: 'ms' },
    {
      figure: `memory after ${collection.documents.length} documents and ${WARM_UP + alone.count + together.count} queries`,
      value: memory,
      unit: 'MB',
      wanted: { max: 950 },
    },
  ];
}

export const run = async (context) => queries(context, await context.loaded(), 0.5);
