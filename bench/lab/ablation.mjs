// What each part of retrieval is worth: nDCG@10 of documents on test collections, in memory, by the product's code.
// node scripts/build.mjs && node bench/lab/ablation.mjs [collection ...]   (collections and encoders from SHARED_DIR)
import { BM25, PAIRING } from '../../dist/lexical/engine/bm25.js';
import { load } from './load.mjs';
import { embeddingOf } from './noise.mjs';
import { meaningOf, quality, rankAll, segmentOf, wordsOf } from './parts.mjs';

const COLLECTIONS = process.argv.length > 2 ? process.argv.slice(2) : ['scifact', 'cranfield', 'xquad-en'];
const MODELS = (process.env.LAB_MODELS ?? 'all-MiniLM-L6-v2,bge-small-en-v1.5').split(',');
const ONCE = { feedback: 0 };
const BEFORE = { weight: 0.3, title: 2, k1: 1.2 };
// ONLY=product prints the rows with this in their name.
const ONLY = process.env.ONLY ?? '';
// EMBEDDINGS=6 prints means over the embedding that was made and five with noise.
const EMBEDDINGS = Number(process.env.EMBEDDINGS ?? 1);

const ROWS = [
  ['words: BM25', { weight: 0 }, {}, { mode: 'lexical' }],
  ['words: + neighbouring words', {}, {}, { mode: 'lexical' }],
  ['meaning: best passage', {}, {}, { mode: 'dense' }],
  ['reciprocal ranks of both', {}, { ...ONCE, method: 'rrf', lexicalWeight: 0.5 }],
  ['both, BM25 without neighbours', { weight: 0 }, ONCE],
  ['both, with neighbours', {}, ONCE],
  ['both, title counted once', { title: 1 }, ONCE],
  ['both, title counted twice', { title: 2 }, ONCE],
  ['second look, without neighbours', { weight: 0 }, {}],
  ['second look: the product', {}, {}],
  ['  the product before decision 90', BEFORE, { feedback: 0.3, wordsDepth: 150 }],
  ['  neighbouring words at 0.3', { weight: 0.3 }, {}],
  ['  title counted twice', { title: 2 }, {}],
  ['  title counted four times', { title: 4 }, {}],
  ['  k1 of documents 0.8', { k1: 0.8 }, {}],
  ['  k1 of documents 1.2', { k1: 1.2 }, {}],
  ['  from the best one', {}, { feedbackDocuments: 1 }],
  ['  from the best three', {}, { feedbackDocuments: 3 }],
  ['  from the best five', {}, { feedbackDocuments: 5 }],
  ['  with a share of 0.3', {}, { feedback: 0.3 }],
  ['  with a share of 0.5', {}, { feedback: 0.5 }],
  ['  chosen among 10 of each', {}, { firstDepth: 10 }],
  ['  chosen among 50 of each', {}, { firstDepth: 50 }],
  ['  chosen among 100 of each', {}, { firstDepth: 100 }],
  ['  150 candidates of each', {}, { depth: 150, wordsDepth: 150 }],
  ['  150 by words', {}, { wordsDepth: 150 }],
  ['  150 by meaning', {}, { depth: 150 }],
  ['  weight of words 0.3', {}, { lexicalWeight: 0.3 }],
  ['  weight of words 0.5', {}, { lexicalWeight: 0.5 }],
  ['passages ranked, documents by their best', {}, {}, { grouping: 'none' }],
];

/** Of one row of the table, whose constants hold while it is measured. */
async function ndcg10(collection, segment, vectors, [, words, tuning, request]) {
  const before = { weight: PAIRING.weight, title: BM25.document.titleWeight, k1: BM25.document.k1 };
  const set = ({ weight, title, k1 }) => {
    PAIRING.weight = weight;
    Object.assign(BM25.document, { titleWeight: title, k1 });
  };
  set({ ...before, ...words });
  const rankings = await rankAll(collection, { lexical: wordsOf(segment), vectors }, tuning, request);
  set(before);
  return quality(collection, rankings).ndcg10;
}

const rows = ROWS.filter(([label]) => label.includes(ONLY));
const figures = rows.map(() => []);
const heads = [];
for (const model of MODELS)
  for (const name of COLLECTIONS) {
    const log = (line) => process.stderr.write(`\r\x1b[K${line}`);
    const collection = await load(name, model, { log });
    heads.push(`${name}, ${model.split('-')[0]}`);
    const segment = segmentOf(collection.documents);
    const sums = rows.map(() => 0);
    for (let number = 0; number < EMBEDDINGS; number++) {
      const embedded = embeddingOf(collection, number);
      const vectors = meaningOf(embedded);
      for (const [i, row] of rows.entries()) sums[i] += await ndcg10(embedded, segment, vectors, row);
    }
    sums.forEach((sum, i) => figures[i].push(sum / EMBEDDINGS));
  }
process.stderr.write('\r\x1b[K');
const row = (cells) => `| ${cells.join(' | ')} |`;
console.log(row(['nDCG@10', ...heads]));
console.log(row(['---', ...heads.map(() => '---')]));
rows.forEach(([label], i) =>
  console.log(row([label.trim(), ...figures[i].map((value) => value.toFixed(4))])),
);
