// Everything that is promised of retrieval and answers, in one table: quality over REST in each run mode, words alone,
// speed beside a bare session, many passages on PostgreSQL, and answers. What cannot run here is said.
import { ingest } from '../dist/cli/eval/run-eval.js';
import { chromaBinary, CHROMA_MISSING, startChroma } from '../test/support/chroma.ts';
import { run as answers } from './answers.mjs';
import { embedding } from './embed.mjs';
import { quality as words } from './lexical.mjs';
import { manyChunks } from './lib/many-chunks.mjs';
import { migratedEnvironment, withCopy, withPostgres } from './lib/postgres.mjs';
import { hybridQuality } from './quality.mjs';
import { queries } from './query.mjs';

const LEAST = { scifact: 0.742, cranfield: 0.437, 'xquad-en': 0.981, bge: 0.748 };
const MOST_DIFFERENCE = 0.003;
const EMBEDDED = 'embedded';
const PGVECTOR = 'PostgreSQL + pgvector';
const CHROMA = 'PostgreSQL + Chroma';
const NO_POSTGRES =
  'not run: BENCH_DATABASE_URL names no database, and there is no PostgreSQL with pgvector here';

const ndcg = (what, { ndcg10, queries: asked }, wanted) => ({
  figure: `nDCG@10 ${what} hybrid over REST (${asked} queries)`,
  value: ndcg10,
  wanted,
});

/** The parts of the table; one that fails takes no other along. */
class Table {
  rows = [];

  async part(name, work) {
    try {
      this.rows.push(...(await work()));
    } catch (error) {
      this.rows.push({ figure: `${name}: failed`, value: error.message, failed: true });
    }
  }
}

async function qualityOn(context, name, encoder) {
  const env = encoder === undefined ? {} : { EMBEDDING_MODEL: encoder };
  return context.withServer({ env }, async (_server, client) => {
    const collection = context.collection(name);
    const { id: collectionId } = await client.createCollection(name);
    await ingest(client, collection, { collectionId, wanted: 'full', report: context.report });
    return hybridQuality(context, { client, collection, collectionId });
  });
}

/** Speed before quality: a query that was asked before is embedded no more. */
async function embedded(context, found) {
  return context.withLoaded({}, async (loaded) => {
    const speed = await queries(context, loaded, 0.6);
    found.set(EMBEDDED, await hybridQuality(context, loaded));
    const passages = await embedding(context, loaded, 0.9);
    return [ndcg(`scifact, ${EMBEDDED}`, found.get(EMBEDDED), { min: LEAST.scifact }), ...speed, ...passages];
  });
}

async function pgvector(context, databaseUrl, found) {
  return withCopy(databaseUrl, (url) =>
    context.withLoaded({ env: migratedEnvironment(url) }, async (loaded) => {
      const speed = await queries(context, loaded, 0.7);
      found.set(PGVECTOR, await hybridQuality(context, loaded));
      return [
        ndcg(`scifact, ${PGVECTOR}`, found.get(PGVECTOR)),
        ...speed.map((row) => ({ ...row, figure: `${PGVECTOR}: ${row.figure}` })),
      ];
    }),
  );
}

async function chroma(context, databaseUrl, found) {
  const binary = chromaBinary();
  if (binary === null) return [{ figure: CHROMA, value: `not run: ${CHROMA_MISSING}` }];
  const server = await startChroma(binary);
  try {
    return await withCopy(databaseUrl, (url) =>
      context.withLoaded({ env: { ...migratedEnvironment(url), CHROMA_URL: server.url } }, async (loaded) => {
        found.set(CHROMA, await hybridQuality(context, loaded));
        return [ndcg(`scifact, ${CHROMA}`, found.get(CHROMA))];
      }),
    );
  } finally {
    await server.stop();
  }
}

function difference(found) {
  if (found.size < 2) return [{ figure: 'difference of the run modes', value: 'not run: there is one only' }];
  const all = [...found.values()].map(({ ndcg10 }) => ndcg10);
  return [
    {
      figure: `difference in nDCG@10 of ${[...found.keys()].join(', ')}`,
      value: Math.max(...all) - Math.min(...all),
      wanted: { max: MOST_DIFFERENCE },
    },
  ];
}

export async function run(context) {
  const table = new Table();
  const found = new Map();
  await table.part(EMBEDDED, () => embedded(context, found));
  for (const [what, name, encoder, min] of [
    ['scifact, bge-small', 'scifact', 'bge-small-en-v1.5', LEAST.bge],
    ['cranfield', 'cranfield', undefined, LEAST.cranfield],
    ['xquad-en', 'xquad-en', undefined, LEAST['xquad-en']],
  ])
    await table.part(what, async () => [ndcg(what, await qualityOn(context, name, encoder), { min })]);
  await table.part('words alone', () => words(context));
  const ran = await withPostgres(async (databaseUrl) => {
    await table.part(PGVECTOR, () => pgvector(context, databaseUrl, found));
    await table.part(CHROMA, () => chroma(context, databaseUrl, found));
    await table.part('many chunks', () => manyChunks(context, databaseUrl));
    return true;
  });
  if (!ran) table.rows.push({ figure: `${PGVECTOR}, ${CHROMA}, many chunks`, value: NO_POSTGRES });
  await table.part('difference', async () => difference(found));
  await table.part('answers', () => answers(context));
  return table.rows;
}
