// Words only: how well each adapter ranks, and what the engine costs at a size that no test collection has.
// BENCH_CHUNKS (100000,1000000) are the sizes; their text is made, which says nothing about quality.
import { randomUUID } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { judge, percentile } from '../dist/common/search/ranking-quality.js';
import { readHits } from '../dist/lexical/engine/packed-hits.js';
import { SearchIndex } from '../dist/lexical/engine/held/search-index.js';
import { Search } from '../dist/lexical/engine/search.js';
import { buildSegment } from '../dist/lexical/engine/segment/segment-builder.js';
import { madeQueries, madeSegments } from './lib/made-index.mjs';
import { withPgTextsearch } from './lib/pg-textsearch.mjs';

const COLLECTION = randomUUID();
/** What somebody may read who may read hardly anything. */
const FEW = randomUUID();
const SHARE = 1000;
const SCOPE = { topK: 100, level: 'document', collectionIds: [COLLECTION] };
const SIZES = (process.env.BENCH_CHUNKS ?? '100000,1000000').split(',').map(Number);
const LEAST = { scifact: 0.68, cranfield: 0.37 };
const QUERIES = 200;
const MEGA = 1e6;

/** Passages of about 200 words, cut between words. */
function passages(text, length = 1200) {
  const out = [];
  for (let from = 0; from < text.length;) {
    let to = Math.min(text.length, from + length);
    const space = text.lastIndexOf(' ', to);
    if (to < text.length && space > from) to = space;
    out.push(text.slice(from, to));
    from = to;
  }
  return out;
}

const toDocument = ({ title, text }) => ({
  documentId: randomUUID(),
  versionId: randomUUID(),
  collectionId: COLLECTION,
  title,
  fileName: null,
  chunks: passages(text).map((passage) => ({ chunkId: randomUUID(), text: passage, headingPath: [] })),
});

function searchOf(segments) {
  const index = new SearchIndex();
  for (const segment of segments) index.apply([segment]);
  return new Search(index);
}

async function rankings(collection, names, query) {
  const out = [];
  for (const { id, text } of collection.queries)
    if (collection.judgements.has(id))
      out.push({ id, names: (await query(text)).map((hit) => names.get(hit.documentId)) });
  return out;
}

function ndcg(collection, ranked) {
  const judged = ranked.flatMap(({ id, names }) => judge(names, collection.judgements.get(id)) ?? []);
  return judged.reduce((sum, figures) => sum + figures.ndcg10, 0) / judged.length;
}

/** The share of the first ten that both have, of those that either has. */
function overlap(one, other) {
  const shares = one.map(({ names }, i) => {
    const first = new Set(names.slice(0, 10));
    const second = other[i].names.slice(0, 10);
    return second.filter((name) => first.has(name)).length / Math.max(1, first.size, second.length);
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

async function qualityOf(name, context) {
  const collection = context.collection(name);
  const names = new Map();
  const documents = collection.documents.map((document) => {
    const entry = toDocument(document);
    names.set(entry.documentId, document.doc_id);
    return entry;
  });
  const { bytes } = buildSegment(documents);
  const checksum = crc32(new Uint8Array(bytes));
  const segment = { kind: 'segment', sequence: 1, first: 1, last: 1, checksum, bytes, empty: false };
  const search = searchOf([segment]);
  const engine = await rankings(collection, names, (text) => readHits(search.query(text, SCOPE)));
  context.status.show(`${name} by pg_textsearch`);
  const extension = await withPgTextsearch(documents, (index) =>
    rankings(collection, names, (text) => index.query(text, SCOPE)),
  );
  const [ours, theirs] = [ndcg(collection, engine), ndcg(collection, extension)];
  const wanted = { min: LEAST[name] };
  return [
    { figure: `nDCG@10 ${name}, words alone: engine`, value: ours, wanted },
    { figure: `nDCG@10 ${name}, words alone: pg_textsearch`, value: theirs, wanted },
    { figure: `  difference of the two`, value: Math.abs(ours - theirs), wanted: { max: 0.003 } },
    { figure: `  overlap of their first ten`, value: overlap(engine, extension), wanted: { min: 0.95 } },
  ];
}

function speedOf(chunks, context) {
  const index = new SearchIndex();
  let bytes = 0;
  let loading = 0;
  const before = process.memoryUsage();
  for (const segment of madeSegments(chunks, COLLECTION)) {
    context.status.show(`made ${chunks} chunks`, `${Math.round(bytes / MEGA)} MB`);
    bytes += segment.bytes.byteLength;
    const startedAt = performance.now();
    index.apply([segment]);
    loading += performance.now() - startedAt;
  }
  let last = index.segments.length;
  for (const segment of madeSegments(Math.ceil(chunks / SHARE), FEW, { seed: 4, after: last })) {
    last = segment.sequence;
    index.apply([segment]);
  }
  const search = new Search(index);
  const label = `${chunks} chunks`;
  const ask = (level, collectionIds = [COLLECTION, FEW]) => {
    const times = madeQueries(QUERIES + 20).map((text) => {
      const startedAt = performance.now();
      search.query(text, { ...SCOPE, collectionIds, level });
      return performance.now() - startedAt;
    });
    return times.slice(20);
  };
  // First, while nobody who may read all has asked the same.
  const few = ask('document', [FEW]);
  const [documents, passagesOf] = [ask('document'), ask('chunk')];
  const held = process.memoryUsage().arrayBuffers - before.arrayBuffers;
  return [
    { figure: `${label}: p50 of a query for documents`, value: percentile(documents, 0.5), unit: 'ms' },
    {
      figure: `${label}: p99 of a query for documents`,
      value: percentile(documents, 0.99),
      unit: 'ms',
      wanted: { max: 20 },
    },
    { figure: `${label}: p50 of a query for passages`, value: percentile(passagesOf, 0.5), unit: 'ms' },
    {
      figure: `${label}: p99 of a query for passages`,
      value: percentile(passagesOf, 0.99),
      unit: 'ms',
      wanted: { max: 20 },
    },
    {
      figure: `${label}: p50 of a query for documents, 0.1 % readable`,
      value: percentile(few, 0.5),
      unit: 'ms',
    },
    { figure: `${label}: p99 of the same`, value: percentile(few, 0.99), unit: 'ms', wanted: { max: 20 } },
    { figure: `${label}: loading, checksums included`, value: loading / 1000, unit: 's' },
    {
      figure: `${label}: in the database, by a million chunks`,
      value: bytes / chunks,
      unit: 'MB',
    },
    {
      figure: `${label}: in memory, by a million chunks`,
      value: held / chunks,
      unit: 'MB',
      wanted: { max: 1000 },
    },
  ];
}

/** How well words alone rank, by each adapter. */
export async function quality(context) {
  const rows = [];
  for (const name of Object.keys(LEAST)) {
    context.status.show(name);
    rows.push(...(await qualityOf(name, context)));
  }
  return rows;
}

export async function run(context) {
  const rows = await quality(context);
  for (const chunks of SIZES) rows.push(...speedOf(chunks, context));
  return rows;
}
