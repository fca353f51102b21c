// A test collection as the product would index it: cut by its chunker, embedded by its encoder, in memory.
// Vectors are kept under the temporary directory, named by what they were made from.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readCollection } from '../../dist/cli/eval/collection.js';
import { findModel } from '../../dist/embeddings/models.js';
import { loadTokenCounter } from '../../dist/embeddings/token-counter.js';
import { TransformersEmbedder } from '../../dist/embeddings/adapters/transformers/transformers.embedder.js';
import { chunkText } from '../../dist/ingestion/chunk/chunker.js';
import { readPlainText } from '../../dist/ingestion/chunk/plain-blocks.js';

const ROOT = path.resolve(import.meta.dirname, '../..');
export const SHARED = path.resolve(ROOT, process.env.SHARED_DIR ?? '../shared');
const CACHE = path.join(os.tmpdir(), 'ai-backend-lab');
const BATCH = 256;

/** Stable, and shaped as the index wants it. */
export function uuidOf(...parts) {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

export const COLLECTION_ID = uuidOf('collection');

/**
 * @param {string} folder name below SHARED/eval, or a path
 * @param {string} modelName of an encoder below SHARED/models
 * @returns documents as the word index takes them, `chunks` in the order of `vectors`, and the queries with theirs
 */
export async function load(folder, modelName, { log = () => {} } = {}) {
  const dir = folder.includes(path.sep) ? folder : path.join(SHARED, 'eval', folder);
  const collection = readCollection(dir);
  const model = findModel(modelName);
  const modelDir = path.join(SHARED, 'models', modelName);
  const count = await loadTokenCounter(modelDir);
  const chunks = [];
  const documents = collection.documents.map((document) => {
    const extracted = readPlainText(document.text);
    const title = document.title ?? null;
    const cut = chunkText(
      extracted,
      { title: title ?? extracted.title, maxTokens: model.maxTokens },
      count,
    ).map((chunk) => ({
      ...chunk,
      chunkId: uuidOf(document.doc_id, chunk.ordinal),
      document: document.doc_id,
    }));
    chunks.push(...cut);
    return {
      name: document.doc_id,
      documentId: uuidOf(document.doc_id),
      versionId: uuidOf(document.doc_id, 'version'),
      collectionId: COLLECTION_ID,
      title,
      fileName: null,
      chunks: cut,
    };
  });
  const queries = collection.queries
    .filter(({ id }) => [...(collection.judgements.get(id)?.values() ?? [])].some((grade) => grade > 0))
    .map((query) => ({ ...query, judged: collection.judgements.get(query.id) }));
  const embed = embedder(model, modelDir, log);
  const vectors = await embed(
    chunks.map((chunk) => chunk.searchText),
    'passage',
  );
  const queryVectors = await embed(
    queries.map((query) => query.text),
    'query',
  );
  await embed.close();
  queries.forEach((query, i) => (query.vector = queryVectors[i]));
  return { name: collection.name, model, documents, chunks, vectors, queries };
}

/** Vectors of texts, from the cache where they were made before. */
function embedder(model, modelDir, log) {
  let loading;
  const embed = async (texts, kind) => {
    const hash = createHash('sha256').update(JSON.stringify([model.name, model.onnx.sha256, kind, texts]));
    const file = path.join(CACHE, `${hash.digest('hex').slice(0, 32)}.f32`);
    const { dimensions } = model;
    if (!fs.existsSync(file)) {
      loading ??= TransformersEmbedder.load({ modelDir, model, workers: os.availableParallelism() });
      const encoder = await loading;
      const all = new Float32Array(texts.length * dimensions);
      for (let at = 0; at < texts.length; at += BATCH) {
        log(`embedding with ${model.name}: ${at} of ${texts.length}`);
        const made = await encoder.embed(texts.slice(at, at + BATCH), { kind });
        made.forEach((vector, i) => all.set(vector, (at + i) * dimensions));
      }
      fs.mkdirSync(CACHE, { recursive: true });
      fs.writeFileSync(`${file}.${process.pid}`, Buffer.from(all.buffer));
      fs.renameSync(`${file}.${process.pid}`, file);
    }
    const bytes = fs.readFileSync(file);
    const all = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    return texts.map((_, i) => all.subarray(i * dimensions, (i + 1) * dimensions));
  };
  embed.close = async () => (await loading)?.close();
  return embed;
}
