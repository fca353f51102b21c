// What every benchmark needs: the test collections, servers of its own, and their collection filled once.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readCollection } from '../../dist/cli/eval/collection.js';
import { ingest } from '../../dist/cli/eval/run-eval.js';
import { LocalServer } from '../../dist/cli/local-server.js';
import { StatusLine } from '../../dist/cli/status-line.js';
import { loopDelayP99 } from './metrics.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const EMPTY_MODELS = path.join(ROOT, 'data', 'no-models');

export class Context {
  /** BENCH_LIMIT cuts every collection, to try a benchmark out; its figures then mean nothing. */
  limit = Number(process.env.BENCH_LIMIT ?? Infinity);
  /** Limits are off unless given: a benchmark measures the server, not how it is throttled. */
  rateLimits = process.env.RATE_LIMITS ?? 'off';
  status = new StatusLine(process.stderr);
  report = (step, detail) => this.status.show(step, detail);
  #shared = path.resolve(ROOT, process.env.SHARED_DIR ?? '../shared');
  #servers = new Set();
  #loaded;

  get modelsDir() {
    const dir = process.env.MODELS_DIR ?? path.join(this.#shared, 'models');
    if (!fs.existsSync(dir)) throw new Error(`no encoder in ${dir}: set MODELS_DIR or SHARED_DIR`);
    return dir;
  }

  get sharedDir() {
    return this.#shared;
  }

  get modelDir() {
    return path.join(this.modelsDir, process.env.EMBEDDING_MODEL ?? 'all-MiniLM-L6-v2');
  }

  collection(name) {
    return readCollection(path.join(this.#shared, 'eval', name), this.limit);
  }

  /** A server that is not started yet; it ends with the benchmarks at the latest. */
  server({ model = true, env = {}, dataDir } = {}) {
    const server = new LocalServer({
      env: {
        RATE_LIMITS: this.rateLimits,
        MODEL_DOWNLOAD: 'off',
        MODELS_DIR: model ? this.modelsDir : EMPTY_MODELS,
        ...env,
      },
      ...(dataDir === undefined ? {} : { dataDir }),
    });
    this.#servers.add(server);
    return server;
  }

  /** Runs `work` with a server that is not started, in a data directory that survives its crashes. */
  async withDataDir(options, work) {
    const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'ai-backend-bench-'));
    try {
      const server = this.server({ ...options, dataDir });
      try {
        return await work(server);
      } finally {
        await server.close();
        this.#servers.delete(server);
      }
    } finally {
      fs.rmSync(dataDir, { recursive: true, force: true });
    }
  }

  /** Runs `work` with a fresh server and a client that is signed in. */
  async withServer(options, work) {
    const server = this.server(options);
    try {
      this.status.show('starting a server');
      await server.start();
      return await work(server, await server.client());
    } finally {
      await server.close();
      this.#servers.delete(server);
    }
  }

  /** A server with all of SciFact in a collection, filled once for all benchmarks that read, and how that went. */
  loaded() {
    this.#loaded ??= this.#load();
    return this.#loaded;
  }

  /** Runs `work` with a server of its own that is filled like `loaded`. */
  withLoaded(options, work) {
    return this.withServer(options, async (server, client) => work(await this.#fill(server, client)));
  }

  async #load() {
    const server = this.server();
    this.status.show('starting a server');
    await server.start();
    return this.#fill(server, await server.client());
  }

  async #fill(server, client) {
    const collection = this.collection('scifact');
    const { id: collectionId } = await client.createCollection('SciFact');
    await loopDelayP99(server.base);
    const figures = await ingest(client, collection, { collectionId, wanted: 'full', report: this.report });
    const loopDelay = await loopDelayP99(server.base);
    return { server, client, collection, collectionId, ...figures, loopDelay };
  }

  async close() {
    for (const server of this.#servers) await server.close();
  }
}
