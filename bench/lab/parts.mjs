// The retrievers of the product over a collection in memory: its word index, and an exact search of vectors.
import { meaningOf as exactSearch, wordsOf } from '../../dist/cli/weight/memory-retrievers.js';
import { judge } from '../../dist/common/search/ranking-quality.js';
import { buildSegment } from '../../dist/lexical/engine/segment/segment-builder.js';
import { DEFAULT_TUNING, HybridSearch } from '../../dist/rag/search/hybrid-search.js';
import { COLLECTION_ID } from './load.mjs';

const RESULTS = 100;

export const segmentOf = (documents) => buildSegment(documents).bytes;

export { wordsOf };

export const meaningOf = ({ documents, vectors }) =>
  exactSearch(
    documents.flatMap(({ documentId, versionId, chunks }) =>
      chunks.map(({ chunkId }) => ({ chunkId, documentId, versionId })),
    ),
    vectors,
  );

/** Document names of each query's ranking, asked as `npm run eval` asks. */
export async function rankAll(collection, parts, tuning = {}, request = {}) {
  const { lexical, vectors } = parts;
  const search = new HybridSearch({ lexical, vectors, tuning: { ...DEFAULT_TUNING, ...tuning } });
  const nameOf = new Map(collection.documents.map(({ documentId, name }) => [documentId, name]));
  const rankings = [];
  for (const query of collection.queries) {
    const { units } = await search.search({
      query: query.text,
      scope: { collectionIds: [COLLECTION_ID] },
      limit: RESULTS,
      mode: 'hybrid',
      grouping: 'document',
      vector: Promise.resolve(query.vector),
      ...request,
    });
    const names = units.map(({ documentId }) => nameOf.get(documentId));
    rankings.push([...new Set(names)].slice(0, RESULTS));
  }
  return rankings;
}

export function quality(collection, rankings) {
  const sums = { ndcg10: 0, recall100: 0, mrr10: 0 };
  collection.queries.forEach(({ judged }, i) => {
    const figures = judge(rankings[i], judged);
    for (const name of Object.keys(sums)) sums[name] += figures[name] / collection.queries.length;
  });
  return sums;
}
