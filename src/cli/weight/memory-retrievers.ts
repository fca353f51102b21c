import { crc32 } from 'node:zlib';
import { readHits } from '../../lexical/engine/packed-hits.js';
import { SearchIndex } from '../../lexical/engine/held/search-index.js';
import { Search } from '../../lexical/engine/search.js';
import type { SearchParts } from '../../rag/search/hybrid-search.js';
import { feedbackPassages, movedTowards } from '../../vector/feedback.js';
import type { VectorHit } from '../../vector/vector.types.js';

/** Of a passage, in the order of the vectors. */
export interface PassageIds {
  chunkId: string;
  documentId: string;
  versionId: string;
}

/** The word index of one segment; weights of fields are those of `BM25` when it is asked. */
export function wordsOf(bytes: ArrayBuffer): SearchParts['lexical'] {
  const index = new SearchIndex();
  const checksum = crc32(new Uint8Array(bytes));
  index.apply([{ kind: 'segment', sequence: 1, first: 1, last: 1, checksum, bytes, empty: false }]);
  const search = new Search(index);
  return {
    isIncomplete: false,
    query: async (text, query) => readHits(search.query(text, query)),
    scores: async (text, ids, { level, language }) => search.scores(text, ids, level, language),
  };
}

/** An exact search of vectors of length 1: every one is looked at. */
export function meaningOf(
  rows: readonly PassageIds[],
  vectors: readonly Float32Array[],
): SearchParts['vectors'] {
  const rowOf = new Map(rows.map(({ chunkId }, row) => [chunkId, row]));
  const known = (ids: readonly string[]): number[] => [...new Set(ids.flatMap((id) => rowOf.get(id) ?? []))];
  const hits = (vector: Float32Array, wanted: readonly number[], dots?: Float64Array): VectorHit[] => {
    const length = Math.sqrt(dot(vector, vector));
    return wanted.map((row) => ({
      ...rows[row]!,
      distance: 1 - (dots?.[row] ?? dot(vector, vectors[row]!)) / length,
    }));
  };
  const meaning: SearchParts['vectors'] = {
    async query(vector, { topK, include = [] }) {
      const dots = Float64Array.from(vectors, (other) => dot(vector, other));
      const order = Uint32Array.from(rows.keys()).sort((a, b) => dots[b]! - dots[a]! || a - b);
      return hits(vector, [...order.subarray(0, topK), ...known(include)], dots);
    },
    scores: async (vector, ids) => hits(vector, known(ids)),
    async queryTwice(vector, feedback, query) {
      const include = feedback.words.map(({ chunkId }) => chunkId);
      const first = await meaning.query(vector, { ...query, topK: feedback.topK, include });
      const others = known(feedbackPassages(first, feedback)).map((row) => vectors[row]!);
      return meaning.query(movedTowards(vector, others, feedback.share), query);
    },
  };
  return meaning;
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
