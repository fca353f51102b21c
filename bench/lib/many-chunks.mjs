// Hybrid queries over many passages on PostgreSQL, by somebody who may read all of them and by somebody who may read a
// thousandth. Texts and vectors are made: this says how long it takes, and nothing about quality.
import { ingest } from '../../dist/cli/eval/run-eval.js';
import { ApiClient } from '../../dist/cli/client.js';
import { percentile } from '../../dist/common/search/ranking-quality.js';
import { newAccount } from './accounts.mjs';
import { load } from './load.mjs';
import { withMadeEncoder } from './made-encoder.mjs';
import { madeQueries, madeTexts } from './made-index.mjs';
import { migratedEnvironment, withCopy } from './postgres.mjs';
import { send } from './sessions.mjs';

const CHUNKS = 100_000;
const SHARE = 1000;
/** Few enough that a document is one passage. */
const WORDS = 90;
const DIMENSIONS = 384;
/** Until then the engine compiles what runs often. */
const WARM_UP = 300;
const QUERIES = 500;
const LIMITS = { all: 40, few: 25 };

/** Somebody who may read one collection and nothing else of note. */
async function reader(server, owner, collectionId) {
  const account = newAccount();
  const { status, body } = await send(server.base, '/auth/register', { method: 'POST', body: account });
  if (status !== 201) throw new Error(`register answered ${status}: ${JSON.stringify(body)}`);
  const granted = await fetch(new URL(`/collections/${collectionId}/grants`, server.base), {
    method: 'PUT',
    headers: { authorization: owner.authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ subject: `user:${body.id}`, access: 'read' }),
  });
  if (!granted.ok) throw new Error(`the grant was answered ${granted.status}: ${await granted.text()}`);
  const client = new ApiClient(server.base);
  await client.signIn(account);
  return client;
}

async function fill(context, client, count) {
  const texts = madeTexts(count, WORDS);
  const parts = [];
  for (const size of [
    Math.max(1, Math.floor(count / SHARE)),
    count - Math.max(1, Math.floor(count / SHARE)),
  ]) {
    const { id: collectionId } = await client.createCollection(`${size} passages`);
    const documents = Array.from({ length: size }, (_, i) => ({
      doc_id: `made-${i}`,
      text: texts.next().value,
    }));
    await ingest(client, { documents }, { collectionId, wanted: 'full', report: context.report });
    parts.push(collectionId);
  }
  return parts;
}

async function ask(client, texts) {
  const bodies = texts.map((query) => ({ query, n_results: 10 }));
  const onAnswer = ({ retrieval, results }) => {
    if (retrieval.degraded.length > 0) throw new Error(`degraded: ${retrieval.degraded}`);
    if (results.length === 0) throw new Error('nothing was found');
  };
  return load(client, '/rag/rag_query', bodies, { clients: 1, onAnswer });
}

async function embeddingAlone(embed, texts) {
  const milliseconds = [];
  for (const text of texts) {
    const startedAt = performance.now();
    await embed(text);
    milliseconds.push(performance.now() - startedAt);
  }
  return percentile(milliseconds, 0.5);
}

/** @param databaseUrl of an empty database, which stays so */
export function manyChunks(context, databaseUrl) {
  const count = Number.isFinite(context.limit) ? Math.min(CHUNKS, context.limit * 10) : CHUNKS;
  return withCopy(databaseUrl, (url) =>
    withMadeEncoder(DIMENSIONS, (encoder, embed) => {
      const env = {
        ...migratedEnvironment(url),
        ...encoder,
        REGISTRATION: 'open',
        REQUIRE_EMAIL_VERIFICATION: 'off',
        QUOTA_DOCUMENTS: String(2 * CHUNKS),
      };
      return context.withServer({ model: false, env }, async (server, client) => {
        const [few] = await fill(context, client, count);
        const { chunks } = await client.get('/admin/index');
        const someone = await reader(server, client, few);
        const questions = madeQueries(2 * (WARM_UP + QUERIES));
        const rows = [];
        for (const [who, asking, limit] of [
          ['all readable', client, LIMITS.all],
          ['0.1 % readable', someone, LIMITS.few],
        ]) {
          context.status.show(`queries, ${who}`);
          await ask(asking, questions.splice(0, WARM_UP));
          const asked = questions.splice(0, QUERIES);
          const figures = await ask(asking, asked);
          const embedding = await embeddingAlone(embed, asked);
          const label = `${chunks} chunks on PostgreSQL, ${who}`;
          rows.push(
            { figure: `${label}: p50 of a hybrid query`, value: figures.p50, unit: 'ms' },
            {
              figure: `${label}: p99 above its embedding`,
              value: figures.p99 - embedding,
              unit: 'ms',
              wanted: { max: limit },
            },
          );
        }
        return rows;
      });
    }),
  );
}
