// Somebody who asks for something else while work goes on, in a thread of its own: what the other clients of this process do
// is not what the server takes.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { percentile } from '../../dist/common/search/ranking-quality.js';

/**
 * Runs `work` and asks for `route` meanwhile, with the rights of `client`, `pauseMs` after each answer.
 * @returns what it answers, and of the requests beside it the 99th percentile and the longest in milliseconds, and how many
 * there were
 */
export async function beside(client, { route, pauseMs }, work) {
  const watcher = new Worker(new URL(import.meta.url), {
    workerData: { url: `${client.base}${route}`, authorization: client.authorization, pauseMs },
  });
  const failed = once(watcher, 'error').then(([error]) => {
    throw error;
  });
  try {
    await Promise.race([once(watcher, 'message'), failed]);
    const result = await Promise.race([work(), failed]);
    const answered = once(watcher, 'message');
    watcher.postMessage('stop');
    const [milliseconds] = await Promise.race([answered, failed]);
    return {
      result,
      p99: percentile(milliseconds, 0.99),
      longest: Math.max(...milliseconds),
      requests: milliseconds.length,
    };
  } finally {
    failed.catch(() => undefined);
    await watcher.terminate();
  }
}

async function watch({ url, authorization, pauseMs }) {
  const milliseconds = [];
  let working = true;
  parentPort.once('message', () => (working = false));
  const ask = async () => {
    const response = await fetch(url, { headers: { authorization } });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  };
  // The first opens the connection and compiles what asks.
  await ask();
  parentPort.postMessage('ready');
  while (working) {
    const sentAt = performance.now();
    await ask();
    milliseconds.push(performance.now() - sentAt);
    await sleep(pauseMs);
  }
  parentPort.postMessage(milliseconds);
}

if (!isMainThread && workerData?.url !== undefined) await watch(workerData);
