// Hybrid queries over SciFact beside what the encoder alone could do, and memory afterwards.
import { percentile } from '../dist/common/search/ranking-quality.js';
import { openBareSession } from './lib/bare-session.mjs';
import { load } from './lib/load.mjs';
import { residentMegabytes } from './lib/metrics.mjs';
import { freshQueries, queryBodies } from './lib/queries.mjs';

/** Until then the engine compiles, in every thread, what runs often: a server that runs for days is past that. */
const WARM_UP = 1300;
const ALONE = 200;
const TOGETHER = 1200;
/** The server and the bare session are measured in turns: what else the machine does changes within seconds. */
const TURNS = 4;

/** One query after the other on one thread. @returns milliseconds each */
async function bareEmbeddings(session, texts) {
  const milliseconds = [];
  for (const text of texts) {
    const startedAt = performance.now();
    await session.run([session.tokens(text)]);
    milliseconds.push(performance.now() - startedAt);
  }
  return milliseconds;
}

const sum = (values) => values.reduce((total, value) => total + value, 0);

/** Parts of about the same size. */
function turnsOf(texts) {
  const size = Math.ceil(texts.length / TURNS);
  return Array.from({ length: TURNS }, (_, turn) => texts.slice(turn * size, (turn + 1) * size));
}

/** @param least that is wanted of the rate ÷ that of bare embeddings */
export async function queries(context, { server, client, collection, collectionId }, least) {
  const fresh = freshQueries(collection);
  const send = (texts, clients) =>
    load(client, '/rag/rag_query', queryBodies(texts, collectionId), { clients });
  context.status.show('warming up');
  await send(fresh.take(fresh.share(WARM_UP)), 16);
  const session = await openBareSession(context.modelDir, 1);
  context.status.show('queries of one client, and a bare session');
  const asked = fresh.take(fresh.share(ALONE));
  const alone = await send(asked, 1);
  const bareP50 = percentile(await bareEmbeddings(session, asked), 0.5);
  const together = { milliseconds: [], seconds: 0 };
  const bare = { milliseconds: [] };
  const askedTogether = fresh.take(fresh.share(TOGETHER));
  for (const texts of turnsOf(askedTogether)) {
    context.status.show('queries of 16 clients, and a bare session');
    const { milliseconds, seconds } = await send(texts, 16);
    together.milliseconds.push(...milliseconds);
    together.seconds += seconds;
    bare.milliseconds.push(...(await bareEmbeddings(session, texts)));
  }
  const memory = residentMegabytes(server.pid);
  await session.close();
  const perSecond = askedTogether.length / together.seconds;
  const barePerSecond = (askedTogether.length * 1000) / sum(bare.milliseconds);
  return [
    { figure: 'queries at 16 clients', value: perSecond, unit: '/s' },
    { figure: 'bare query embeddings, one thread', value: barePerSecond, unit: '/s' },
    {
      figure: 'queries ÷ bare embeddings',
      value: perSecond / barePerSecond,
      wanted: { min: least },
    },
    { figure: 'p50 of one client', value: alone.p50, unit: 'ms' },
    { figure: 'p50 of a bare embedding', value: bareP50, unit: 'ms' },
    { figure: 'p50 above its embedding', value: alone.p50 - bareP50, unit: 'ms', wanted: { max: 15 } },
    { figure: 'p99 at 16 clients', value: percentile(together.milliseconds, 0.99), unit: 'ms' },
    {
      figure: `memory after ${collection.documents.length} documents and ${WARM_UP + alone.count + askedTogether.length} queries`,
      value: memory,
      unit: 'MB',
      wanted: { max: 950 },
    },
  ];
}

export const run = async (context) => queries(context, await context.loaded(), 0.5);
