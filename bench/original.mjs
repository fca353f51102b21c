// The load under which the original Python service was measured (SciFact, 2 processors), beside its figures.
import { load } from './lib/load.mjs';
import { residentMegabytes } from './lib/metrics.mjs';
import { freshQueries } from './lib/queries.mjs';

const SINGLE = 400;
const BULK = 2048;

export async function run(context) {
  const { documents, queries } = context.collection('scifact');
  const single = documents.slice(0, Math.min(SINGLE, documents.length / 2));
  const bulk = documents.slice(single.length, single.length + BULK);
  return context.withServer({}, async (server, client) => {
    const rest = residentMegabytes(server.pid);
    context.status.show('single adds at 8 clients');
    // Like the original's, an add is answered when its vector is there.
    const adds = await load(client, '/rag/add_document', single, {
      clients: 8,
      onAnswer({ id, indexed }) {
        if (indexed !== 'full') throw new Error(`${id} was answered before its vectors were there`);
      },
    });
    context.status.show('adds in bulk of 64');
    const batches = Array.from({ length: Math.ceil(bulk.length / 64) }, (_, i) => ({
      documents: bulk.slice(64 * i, 64 * (i + 1)),
      wait_ms: 60_000,
    }));
    const bulks = await load(client, '/rag/add_documents', batches, {
      clients: 1,
      onAnswer({ results }) {
        if (results.some(({ indexed }) => indexed !== 'full'))
          throw new Error('a batch was not indexed in a minute');
      },
    });
    const fresh = freshQueries({ queries, documents });
    const send = (count, clients) =>
      load(
        client,
        '/rag/rag_query',
        fresh.take(fresh.share(count)).map((query) => ({ query, n_results: 3 })),
        { clients },
      );
    context.status.show('queries');
    const alone = await send(300, 1);
    const together = await send(1000, 16);
    return [
      { figure: 'single adds at 8 clients', value: adds.perSecond, unit: '/s', beside: 'original 15' },
      {
        figure: 'bulk of 64',
        value: (bulks.perSecond * bulk.length) / batches.length,
        unit: 'documents/s',
        beside: 'original 22',
      },
      { figure: 'query p50, one client', value: alone.p50, unit: 'ms', beside: 'original 16' },
      { figure: 'queries at 16 clients', value: together.perSecond, unit: '/s', beside: 'original 62' },
      { figure: 'query p99 at 16 clients', value: together.p99, unit: 'ms', beside: 'original 342' },
      { figure: 'memory after boot', value: rest, unit: 'MB', beside: 'original 943' },
      {
        figure: 'memory afterwards',
        value: residentMegabytes(server.pid),
        unit: 'MB',
        beside: 'original 1400',
      },
    ];
  });
}
