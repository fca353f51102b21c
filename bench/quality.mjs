// nDCG@10 through POST /rag/rag_query, with the encoder and without. Each on a server of its own: word statistics
// are those of everything that a server holds.
import { askAll, ingest } from '../dist/cli/eval/run-eval.js';

const RUNS = [
  { name: 'scifact', model: true, min: 0.73 },
  { name: 'cranfield', model: true, min: 0.42 },
  { name: 'scifact', model: false, min: 0.67 },
  { name: 'cranfield', model: false, min: 0.36 },
];

/** What a hybrid search makes of a collection that is in place. @throws Error where anything was left out */
export async function hybridQuality(context, { client, collection, collectionId }, model = true) {
  const figures = await askAll(client, collection, { collectionId, mode: 'hybrid', report: context.report });
  if (model === figures.degraded.length > 0)
    throw new Error(
      `${collection.name}: degraded is [${figures.degraded.join()}] ${model ? 'with' : 'without'} the encoder`,
    );
  return figures;
}

export async function run(context) {
  const rows = [];
  for (const { name, model, min } of RUNS) {
    const { ndcg10, queries } = await context.withServer({ model }, async (_server, client) => {
      const collection = context.collection(name);
      const { id: collectionId } = await client.createCollection(name);
      const { report } = context;
      await ingest(client, collection, { collectionId, wanted: model ? 'full' : 'lexical', report });
      return hybridQuality(context, { client, collection, collectionId }, model);
    });
    rows.push({
      figure: `nDCG@10 ${name} ${model ? 'hybrid' : 'without the encoder'} (${queries} queries)`,
      value: ndcg10,
      wanted: { min },
    });
  }
  return rows;
}
