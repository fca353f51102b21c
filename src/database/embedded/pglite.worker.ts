import v8 from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';
import { pg_trgm } from '@electric-sql/pglite/contrib/pg_trgm';
import { vector } from '@electric-sql/pglite-pgvector';
import type { PgliteWorkerData } from './embedded-database.js';
import { socketServer } from './socket-server.js';

const { dataDir, socketPath, connections } = workerData as PgliteWorkerData;

/** PGlite starts without fsync, which survives the end of the process but not of the machine. */
const startParams = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  // What is not in it is mostly in the page cache of the system; memory of WebAssembly is never given back.
  '-c',
  'shared_buffers=64MB',
  // Gathering statistics holds up every query, and of a smaller sample less; what is looked for is looked for by keys.
  '-c',
  'default_statistics_target=10',
  // A page anywhere costs what the next one costs: else a table that has grown since it was looked at is read whole.
  '-c',
  'random_page_cost=1.0',
];

// Of what runs in a start, most does not run again: optimising it keeps both processors from what the start waits for.
v8.setFlagsFromString('--wasm-tiering-budget=130000000');

const database = await PGlite.create({ dataDir, extensions: { vector, pg_trgm }, startParams });
const server = socketServer(database, { path: socketPath, maxConnections: connections });
await server.start();

parentPort?.on('message', (message: unknown) => {
  if (message !== 'stop') return;
  void (async () => {
    await server.stop();
    await database.close();
    parentPort?.postMessage('stopped');
  })();
});
parentPort?.postMessage('ready');
