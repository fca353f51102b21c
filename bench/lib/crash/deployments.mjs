// Ways to run the product that can be killed piece by piece: `pieces` names them, `reader` is the child that reads files.
import fs from 'node:fs';

const READER_LIMIT_MS = 10_000;

/** Process ids below a process whose command line names the reader of files. */
function readersBelow(pid) {
  const below = new Set([pid]);
  const readers = [];
  const all = fs.readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]);
      return [{ pid: Number(name), parent, command: fs.readFileSync(`/proc/${name}/cmdline`, 'utf8') }];
    } catch {
      return [];
    }
  });
  for (let size = 0; size < below.size;) {
    size = below.size;
    for (const each of all) if (below.has(each.parent)) below.add(each.pid);
  }
  for (const each of all)
    if (each.pid !== pid && below.has(each.pid) && each.command.includes('extract.child'))
      readers.push(each.pid);
  return readers;
}

/** Waits for the reader to be there, then kills it. False where it was not seen. */
async function killReader(pid) {
  if (!fs.existsSync('/proc/self/cmdline')) return false;
  const limit = performance.now() + READER_LIMIT_MS;
  while (performance.now() < limit) {
    for (const reader of readersBelow(pid)) {
      try {
        process.kill(reader, 'SIGKILL');
        return true;
      } catch {
        // It has just ended by itself: the next one is as good.
      }
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return false;
}

class Deployment {
  /** @param servers by the name of the piece; the first one answers requests, the last one reads files */
  constructor(servers) {
    this.servers = servers;
  }

  get pieces() {
    return Object.keys(this.servers);
  }

  get #all() {
    return Object.values(this.servers);
  }

  async start(pieces = this.pieces) {
    for (const piece of pieces) await this.servers[piece].start();
  }

  async stop(pieces = this.pieces) {
    for (const piece of pieces) await this.servers[piece].stop();
  }

  async kill(pieces = this.pieces) {
    await Promise.all(pieces.map((piece) => this.servers[piece].kill()));
  }

  killReader() {
    return killReader(this.#all.at(-1).pid);
  }

  client() {
    return this.#all[0].client();
  }

  get dataDir() {
    return this.#all[0].dataDir;
  }
}

/** Everything in one process. */
export const embedded = (context, model, work) =>
  context.withDataDir({ model }, (server) => work(new Deployment({ server })));

/** An API process and a worker on one PostgreSQL server and one folder of files. */
export const separate = (context, model, env, work) =>
  context.withDataDir({ model, env: { ...env, PROCESS_ROLE: 'api' } }, async (api) => {
    const worker = context.server({
      model,
      env: { ...env, PROCESS_ROLE: 'worker' },
      dataDir: api.dataDir,
    });
    worker.admin.password = api.admin.password;
    try {
      return await work(new Deployment({ api, worker }));
    } finally {
      await worker.close();
    }
  });
