import { spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

export interface ChromaServer {
  url: string;
  stop(): Promise<void>;
  /** Halts the process without closing its sockets, until it really answers no more; lets it go on. */
  pause(): Promise<void>;
  resume(): void;
}

const START_MS = 120_000;

/** The ChromaDB command: `CHROMA_BIN`, or `chroma` on the path; null where there is none. */
export function chromaBinary(): string | null {
  const given = process.env['CHROMA_BIN'];
  if (given) return given;
  const found = spawnSync('chroma', ['--version'], { stdio: 'ignore', timeout: 60_000 });
  return found.status === 0 ? 'chroma' : null;
}

export const CHROMA_MISSING =
  'no ChromaDB server: install the PyPI package chromadb and set CHROMA_BIN to its "chroma" command';

/**
 * A port that nobody listens at. Not one of those that the system hands out by itself: another process would get it before
 * the server that it is meant for is up.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Starts a server at a free port, and at another one where somebody was faster. */
export async function onFreePort<T>(start: (port: number) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await start(await freePort());
    } catch (error) {
      if (attempt === 3) throw error;
    }
}

const answers = (url: string): Promise<boolean> =>
  fetch(`${url}/api/v2/heartbeat`, { signal: AbortSignal.timeout(1000) }).then(
    (response) => response.ok,
    () => false,
  );

/** Starts a server on a free port with an empty directory. */
export const startChroma = (binary: string): Promise<ChromaServer> =>
  onFreePort((port) => startChromaAt(port, binary));

async function startChromaAt(port: number, binary: string): Promise<ChromaServer> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'chroma-'));
  const child = spawn(binary, ['run', '--path', directory, '--host', '127.0.0.1', '--port', String(port)], {
    stdio: 'ignore',
    env: { ...process.env, ANONYMIZED_TELEMETRY: 'False' },
  });
  const url = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + START_MS;
  for (;;) {
    if ((await answers(url)) && child.exitCode === null) break;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      fs.rmSync(directory, { recursive: true, force: true });
      throw new Error(`${binary} did not start (exit code ${child.exitCode})`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return {
    url,
    async pause() {
      child.kill('SIGSTOP');
      // The signal takes effect a moment later, thread by thread.
      while (await answers(url)) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    resume: () => void child.kill('SIGCONT'),
    async stop() {
      if (child.exitCode === null) {
        const ended = once(child, 'exit');
        child.kill('SIGKILL');
        await ended;
      }
      fs.rmSync(directory, { recursive: true, force: true });
    },
  };
}
