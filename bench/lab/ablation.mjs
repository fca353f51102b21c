// What each part of retrieval is worth: nDCG@10 of documents on test collections, in memory, by the product's code.
// node scripts/build.mjs && node bench/lab/ablation.mjs [collection ...]   (collections and encoders from SHARED_DIR)
import { BM25, PAIRING } from '../../dist/lexical/engine/bm25.js';
import { load } from './load.mjs';
import { meaningOf, quality, rankAll, segmentOf, wordsOf } from './parts.mjs';

const COLLECTIONS = process.argv.length > 2 ? process.argv.slice(2) : ['scifact', 'cranfield', 'xquad-en'];
const MODELS = (process.env.LAB_MODELS ?? 'all-MiniLM-L6-v2,bge-small-en-v1.5').split(',');
const ONCE = { feedback: 0 };
// ONLY=product prints the rows with this in their name.
const ONLY = process.env.ONLY ?? '';

const ROWS = [
  ['words: BM25', { weight: 0 }, {}, { mode: 'lexical' }],
  ['words: + neighbouring words', {}, {}, { mode: 'lexical' }],
  ['meaning: best passage', {}, {}, { mode: 'dense' }],
  ['reciprocal ranks of both', {}, { ...ONCE, method: 'rrf', lexicalWeight: 0.5 }],
  ['both, BM25 without neighbours', { weight: 0 }, ONCE],
  ['both, with neighbours', {}, ONCE],
  ['both, title counted once', { title: 1 }, ONCE],
  ['both, title counted four times', { title: 4 }, ONCE],
  ['second look, without neighbours', { weight: 0 }, {}],
  ['second look: the product', {}, {}],
  ['  from the best one', {}, { feedbackDocuments: 1 }],
  ['  from the best three', {}, { feedbackDocuments: 3 }],
  ['  from the best five', {}, { feedbackDocuments: 5 }],
  ['  with a share of 0.2', {}, { feedback: 0.2 }],
  ['  with a share of 0.5', {}, { feedback: 0.5 }],
  ['  chosen among 10 of each', {}, { firstDepth: 10 }],
  ['  chosen among 50 of each', {}, { firstDepth: 50 }],
  ['  chosen among 100 of each', {}, { firstDepth: 100 }],
  ['  60 candidates of each', {}, { depth: 60, wordsDepth: 60 }],
  ['  100 candidates of each', {}, { wordsDepth: 100 }],
  ['  200 by words', {}, { wordsDepth: 200 }],
  ['  150 by meaning too', {}, { depth: 150 }],
  ['  k1 of documents 0.8', { k1: 0.8 }, {}],
  ['  k1 of documents 1', { k1: 1 }, {}],
  ['  k1 of documents 1.5', { k1: 1.5 }, {}],
  ['  weight of words 0.3', {}, { lexicalWeight: 0.3 }],
  ['  weight of words 0.5', {}, { lexicalWeight: 0.5 }],
  ['passages ranked, documents by their best', {}, {}, { grouping: 'none' }],
];

const rows = ROWS.filter(([label]) => label.includes(ONLY));
const figures = rows.map(() => []);
const heads = [];
for (const model of MODELS)
  for (const name of COLLECTIONS) {
    const log = (line) => process.stderr.write(`\r\x1b[K${line}`);
    const collection = await load(name, model, { log });
    heads.push(`${name}, ${model.split('-')[0]}`);
    const vectors = meaningOf(collection);
    const segment = segmentOf(collection.documents);
    for (const [i, [, words, tuning, request]] of rows.entries()) {
      const before = { weight: PAIRING.weight, title: BM25.document.titleWeight, k1: BM25.document.k1 };
      PAIRING.weight = words.weight ?? before.weight;
      BM25.document.titleWeight = words.title ?? before.title;
      BM25.document.k1 = words.k1 ?? before.k1;
      const parts = { lexical: wordsOf(segment), vectors };
      const rankings = await rankAll(collection, parts, tuning, request);
      figures[i].push(quality(collection, rankings).ndcg10);
      PAIRING.weight = before.weight;
      BM25.document.titleWeight = before.title;
      BM25.document.k1 = before.k1;
    }
  }
process.stderr.write('\r\x1b[K');
const row = (cells) => `| ${cells.join(' | ')} |`;
console.log(row(['nDCG@10', ...heads]));
console.log(row(['---', ...heads.map(() => '---')]));
rows.forEach(([label], i) =>
  console.log(row([label.trim(), ...figures[i].map((value) => value.toFixed(4))])),
);
