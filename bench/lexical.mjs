// Words only: quality on SciFact and Cranfield, time of a query, size and loading of the index.
// node scripts/build.mjs && node bench/lexical.mjs   (collections from $SHARED_DIR/eval, default ../shared/eval)
import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { DataSource } from 'typeorm';

const root = path.resolve(import.meta.dirname, '..');
const dist = path.join(root, 'dist');
const evalDir = path.join(path.resolve(root, process.env.SHARED_DIR ?? '../shared'), 'eval');
if (!fs.existsSync(evalDir)) {
  console.error(`bench/lexical needs the test collections in ${evalDir} (set SHARED_DIR)`);
  process.exit(1);
}
const { buildSegment } = await import(`${dist}/lexical/engine/segment-builder.js`);
const { SearchIndex } = await import(`${dist}/lexical/engine/search-index.js`);
const { Search } = await import(`${dist}/lexical/engine/search.js`);
const { SegmentsLexicalIndex } = await import(`${dist}/lexical/adapters/segments/segments.adapter.js`);

const COLLECTION = randomUUID();
const SCOPE = { topK: 100, level: 'document', collectionIds: [COLLECTION] };

function readCollection(name) {
  const lines = (file) =>
    fs
      .readFileSync(path.join(evalDir, name, file), 'utf8')
      .trim()
      .split('\n');
  const relevant = new Map();
  for (const line of lines('qrels.tsv').slice(1)) {
    const [query, document, grade] = line.split('\t');
    if (!relevant.has(query)) relevant.set(query, new Map());
    relevant.get(query).set(document, Number(grade));
  }
  const names = new Map();
  const documents = lines('corpus.jsonl').map((line) => {
    const { _id, title, text } = JSON.parse(line);
    const documentId = randomUUID();
    names.set(documentId, _id);
    const chunks = passages(text).map((passage) => ({
      chunkId: randomUUID(),
      text: passage,
      headingPath: [],
    }));
    return { documentId, versionId: randomUUID(), collectionId: COLLECTION, title, chunks };
  });
  const queries = lines('queries.jsonl').flatMap((line) => {
    const { _id, text } = JSON.parse(line);
    return relevant.has(_id) ? [{ text, grades: relevant.get(_id) }] : [];
  });
  return { names, documents, queries };
}

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

function ndcg(hits, grades, names) {
  const gain = (grade, at) => (2 ** grade - 1) / Math.log2(at + 2);
  const sum = (list) => list.slice(0, 10).reduce((total, grade, at) => total + gain(grade, at), 0);
  const ideal = [...grades.values()].sort((a, b) => b - a);
  return sum(hits.map((hit) => grades.get(names.get(hit.documentId)) ?? 0)) / sum(ideal);
}

function summary(times) {
  times.sort((a, b) => a - b);
  const at = (part) => `${Math.round(times[Math.floor(times.length * part)] * 1000)} µs`;
  return `p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}`;
}

const toItem = ({ bytes }, at) => ({
  kind: 'segment',
  sequence: at + 1,
  first: at + 1,
  last: at + 1,
  checksum: crc32(new Uint8Array(bytes)),
  bytes,
  empty: false,
});

for (const name of ['scifact', 'cranfield']) {
  const { documents, queries, names } = readCollection(name);
  let started = performance.now();
  const one = buildSegment(documents);
  const built = performance.now() - started;
  const singles = documents.flatMap((document) => buildSegment([document]) ?? []);
  const size = one.bytes.byteLength;

  const measure = (segments, what) => {
    const index = new SearchIndex();
    started = performance.now();
    index.apply(segments.map(toItem));
    const loaded = performance.now() - started;
    console.log(
      `${name}: ${what} loaded in ${loaded.toFixed(0)} ms, ${index.segments.length} segments in memory`,
    );
    return new Search(index);
  };
  measure(singles, `${documents.length} single adds`);
  const search = measure([one], 'merged segment');
  for (const query of queries) search.query(query.text, SCOPE);

  let sum = 0;
  const times = { document: [], chunk: [] };
  for (const query of queries) {
    for (const level of ['chunk', 'document']) {
      started = performance.now();
      const hits = search.query(query.text, { ...SCOPE, level });
      times[level].push(performance.now() - started);
      if (level === 'document') sum += ndcg(hits, query.grades, names);
    }
  }
  console.log(
    `${name}: ${documents.length} documents analysed in ${built.toFixed(0)} ms, ${(size / 1e6).toFixed(1)} MB`,
  );
  console.log(`${name}: a query in the thread, documents: ${summary(times.document)}`);
  console.log(`${name}: a query in the thread, passages:  ${summary(times.chunk)}`);
  console.log(`${name}: nDCG@10 ${(sum / queries.length).toFixed(4)} (${queries.length} queries)`);
  if (name === 'scifact') await throughDatabase(documents, queries);
}

/** The same through the adapter and an embedded database, as a request has it. */
async function throughDatabase(documents, queries) {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'bench-lexical-'));
  const socketPath = path.join(directory, '.s.PGSQL.5432');
  const workerData = { dataDir: path.join(directory, 'data'), socketPath, connections: 8 };
  const engine = new Worker(path.join(dist, 'database/embedded/pglite.worker.js'), { workerData });
  await new Promise((resolve) => engine.once('message', resolve));
  const migrations = [path.join(dist, 'migrations/*.js')];
  const login = { username: 'postgres', database: 'postgres', installExtensions: false };
  const dataSource = new DataSource({ type: 'postgres', host: directory, ...login, migrations });
  await dataSource.initialize();
  await dataSource.runMigrations();
  const index = new SegmentsLexicalIndex(dataSource);
  await index.createIndex();
  let started = performance.now();
  for (let at = 0; at < documents.length; at += 64) {
    const write = await index.prepare(documents.slice(at, at + 64));
    await dataSource.transaction((transaction) => write.store(transaction));
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`adapter: ${(documents.length / seconds).toFixed(0)} documents a second in batches of 64`);
  await index.query('warm up', SCOPE);
  await index.compact();
  const times = [];
  for (const query of [...queries, ...queries]) {
    started = performance.now();
    await index.query(query.text, SCOPE);
    times.push(performance.now() - started);
  }
  console.log(`adapter: a query with its read of the log: ${summary(times.slice(queries.length))}`);
  const again = new SegmentsLexicalIndex(dataSource);
  started = performance.now();
  const chunks = await again.count();
  console.log(
    `adapter: a new process has loaded ${chunks} chunks after ${(performance.now() - started).toFixed(0)} ms`,
  );
  await Promise.all([index.close(), again.close()]);
  await dataSource.destroy();
  engine.postMessage('stop');
  await new Promise((resolve) => engine.once('message', resolve));
  await engine.terminate();
  fs.rmSync(directory, { recursive: true, force: true });
}
