// The retrievers of the product over a collection in memory: its word index, and an exact search of vectors.
import { crc32 } from 'node:zlib';
import { judge } from '../../dist/evaluation/metrics.js';
import { SearchIndex } from '../../dist/lexical/engine/search-index.js';
import { Search } from '../../dist/lexical/engine/search.js';
import { buildSegment } from '../../dist/lexical/engine/segment-builder.js';
import { DEFAULT_TUNING, HybridSearch } from '../../dist/rag/hybrid-search.js';
import { feedbackPassages, movedTowards } from '../../dist/vector/feedback.js';
import { COLLECTION_ID } from './load.mjs';

const RESULTS = 100;

function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

export const segmentOf = (documents) => buildSegment(documents).bytes;

/** Weights of fields are taken from `BM25` when it is called. */
export function wordsOf(bytes) {
  const index = new SearchIndex();
  const checksum = crc32(new Uint8Array(bytes));
  index.apply([{ kind: 'segment', sequence: 1, first: 1, last: 1, checksum, bytes, empty: false }]);
  const search = new Search(index);
  return {
    query: async (text, query) => search.query(text, query),
    scores: async (text, ids, { level, language }) => search.scores(text, ids, level, language),
  };
}

export function meaningOf({ documents, vectors }) {
  const rows = documents.flatMap(({ documentId, versionId, chunks }) =>
    chunks.map(({ chunkId }) => ({ chunkId, documentId, versionId })),
  );
  const rowOf = new Map(rows.map(({ chunkId }, row) => [chunkId, row]));
  const hit = (row, vector, length) => ({ ...rows[row], distance: 1 - dot(vector, vectors[row]) / length });
  const known = (ids) => [...new Set(ids)].map((id) => rowOf.get(id)).filter((row) => row !== undefined);
  const meaning = {
    async query(vector, { topK, include = [] }) {
      const length = Math.sqrt(dot(vector, vector));
      const dots = Float64Array.from(vectors, (other) => dot(vector, other));
      const order = Uint32Array.from(rows.keys()).sort((a, b) => dots[b] - dots[a] || a - b);
      return [...order.subarray(0, topK), ...known(include)].map((row) => hit(row, vector, length));
    },
    async scores(vector, ids) {
      const length = Math.sqrt(dot(vector, vector));
      return known(ids).map((row) => hit(row, vector, length));
    },
    async queryTwice(vector, feedback, query) {
      const include = feedback.words.map(({ chunkId }) => chunkId);
      const first = await meaning.query(vector, { topK: feedback.topK, include });
      const others = known(feedbackPassages(first, feedback)).map((row) => vectors[row]);
      return meaning.query(movedTowards(vector, others, feedback.share), query);
    },
  };
  return meaning;
}

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
