// nDCG@10 through POST /rag/rag_query, with the encoder and without. Each on a server of its own: word statistics
// are those of everything that a server holds.
import { askAll, ingest } from '../dist/cli/eval/run-eval.js';

const RUNS = [
  { name: 'scifact', model: true, min: 0.73 },
  { name: 'cranfield', model: true, min: 0.42 },
  { name: 'scifact', model: false, min: 0.67 },
  { name: 'cranfield', model: false, min: 0.36 },
];

export async function run(context) {
  const rows = [];
  for (const { name, model, min } of RUNS) {
    const collection = context.collection(name);
    const figures = await context.withServer({ model }, async (_server, client) => {
      const { id: collectionId } = await client.createCollection(name);
      const { report } = context;
      await ingest(client, collection, { collectionId, wanted: model ? 'full' : 'lexical', report });
      return askAll(client, collection, { collectionId, mode: 'hybrid', report });
    });
    if (model === figures.degraded.length > 0)
      throw new Error(`${name}: degraded is [${figures.degraded}] ${model ? 'with' : 'without'} the encoder`);
    rows.push({
      figure: `nDCG@10 ${name} ${model ? 'hybrid' : 'without the encoder'} (${figures.queries} queries)`,
      value: figures.ndcg10,
      wanted: { min },
    });
  }
  return rows;
}
