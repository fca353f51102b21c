// Answers without a language model, through POST /rag/ask: how many questions of a collection are answered, how many
// of another collection are refused, and whether every quote stands in its document. Cut samples, evenly spread.
import { ingest } from '../dist/cli/eval/run-eval.js';
import { load } from './lib/load.mjs';

const SAMPLE = 200;
const RUNS = [
  { name: 'xquad-en', others: ['cranfield', 'scifact'], wanted: { answered: 0.8, refused: 0.8, right: 0.8 } },
  { name: 'cranfield', others: ['xquad-en', 'scifact'], wanted: {} },
];

function sample(queries) {
  const step = Math.max(1, Math.floor(queries.length / SAMPLE));
  return queries.filter((_, i) => i % step === 0).slice(0, SAMPLE);
}

/** Looks documents up as they are cited. */
function textsOf(client) {
  const texts = new Map();
  return (id) => {
    if (!texts.has(id))
      texts.set(
        id,
        fetch(new URL(`/documents/${id}/text`, client.base), {
          headers: { authorization: client.authorization },
        }).then((response) => response.text()),
      );
    return texts.get(id);
  };
}

async function ask(client, queries, collectionId) {
  const answers = new Map();
  await load(
    client,
    '/rag/ask',
    queries.map(({ text }) => ({ question: text, collection_ids: [collectionId] })),
    { clients: 4, onAnswer: (answer, body) => answers.set(body.question, answer) },
  );
  return queries.map((query) => ({ query, answer: answers.get(query.text) }));
}

const share = (all, met) => (all.length === 0 ? Number.NaN : all.filter(met).length / all.length);

export async function run(context) {
  const rows = [];
  for (const { name, others, wanted } of RUNS) {
    const collection = context.collection(name);
    await context.withServer({ model: true }, async (_server, client) => {
      const { id: collectionId } = await client.createCollection(name);
      await ingest(client, collection, { collectionId, wanted: 'full', report: context.report });
      context.status.show(`asking ${name}`);
      const own = await ask(client, sample(collection.queries), collectionId);
      const judged = ({ query }, docId) => (collection.judgements.get(query.id)?.get(docId) ?? 0) > 0;
      // A question whose document was not retrieved has no answer in what the answerer was given.
      const answerable = own.filter((one) => one.answer.sources.some((source) => judged(one, source.id)));
      const answered = answerable.filter(({ answer }) => answer.supported);
      rows.push(
        {
          figure: `${name}: answered, of ${answerable.length} answerable questions`,
          value: share(answerable, ({ answer }) => answer.supported),
          wanted: wanted.answered && { min: wanted.answered },
        },
        {
          figure: `${name}: first quote from the right document`,
          value: share(answered, (one) => judged(one, one.answer.citations[0]?.doc_id)),
          wanted: wanted.right && { min: wanted.right },
        },
      );
      const foreign = [];
      for (const other of others) {
        context.status.show(`asking ${name} about ${other}`);
        const asked = await ask(client, sample(context.collection(other).queries), collectionId);
        foreign.push(...asked);
        rows.push({
          figure: `${name}: refused, of ${asked.length} questions of ${other}`,
          value: share(asked, ({ answer }) => !answer.supported),
          wanted: wanted.refused && { min: wanted.refused },
        });
      }
      const text = textsOf(client);
      const citations = [...own, ...foreign].flatMap(({ answer }) => answer.citations);
      const found = await Promise.all(
        citations.map(
          async (one) => (await text(one.document_id)).slice(one.char_start, one.char_end) === one.quote,
        ),
      );
      rows.push({
        figure: `${name}: quotes that stand in their document, of ${citations.length}`,
        value: share(found, Boolean),
        wanted: { min: 1 },
      });
    });
  }
  return rows;
}
