// How long until the server is ready, and what it holds in memory at rest.
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from '../dist/common/search/ranking-quality.js';
import { residentMegabytes } from './lib/metrics.mjs';
import { migratedEnvironment } from './lib/postgres.mjs';

const REST_SECONDS = Number(process.env.BENCH_REST_SECONDS ?? 60);

/** Memory after a minute at rest, with the encoder in use. */
async function atRest(context, server) {
  const client = await server.client();
  await client.addDocuments([{ doc_id: 'rest', text: 'This line is embedded, and so is its question.' }], {
    wait_ms: 30_000,
  });
  const { retrieval } = await client.query({ query: 'What is embedded?', mode: 'hybrid' });
  if (retrieval.degraded.length > 0) throw new Error(`degraded: ${retrieval.degraded.join(', ')}`);
  context.status.show(`waiting ${REST_SECONDS} s at rest`);
  await sleep(REST_SECONDS * 1000);
  return residentMegabytes(server.pid);
}

function embedded(context) {
  return context.withDataDir({}, async (server) => {
    context.status.show('first boot');
    const first = await server.start();
    const afterFirst = await atRest(context, server);
    const later = [];
    for (let i = 0; i < 5; i++) {
      await server.stop();
      context.status.show('later boots', `${i + 1}`);
      later.push(await server.start());
    }
    const afterLater = await atRest(context, server);
    return [
      { figure: 'first boot', value: first / 1000, unit: 's', wanted: { max: 8 } },
      {
        figure: 'later boots, median of 5',
        value: percentile(later, 0.5) / 1000,
        unit: 's',
        wanted: { max: 3 },
      },
      { figure: 'memory at rest after a first boot', value: afterFirst, unit: 'MB', wanted: { max: 620 } },
      { figure: 'memory at rest after a later boot', value: afterLater, unit: 'MB', wanted: { max: 620 } },
    ];
  });
}

async function outside(context, databaseUrl) {
  const env = migratedEnvironment(databaseUrl);
  return context.withServer({ env }, async (server) => [
    {
      figure: 'memory at rest, outside PostgreSQL',
      value: await atRest(context, server),
      unit: 'MB',
      wanted: { max: 350 },
    },
  ]);
}

export async function run(context) {
  const rows = await embedded(context);
  const databaseUrl = process.env.BENCH_DATABASE_URL;
  if (databaseUrl) return [...rows, ...(await outside(context, databaseUrl))];
  return [...rows, { figure: 'memory at rest, outside PostgreSQL', value: 'not run: BENCH_DATABASE_URL' }];
}
