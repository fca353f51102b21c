// A closed loop of clients, each with a connection of its own. The generator shares the processors with the server.
import { percentile } from '../../dist/common/search/ranking-quality.js';
import { Connection } from './connection.mjs';

/**
 * Sends the bodies, `clients` at a time, each as soon as that client has its answer to the one before.
 * Ends early when `until` is aborted; fails with the first answer that is not 200 or that `onAnswer` throws at.
 * @returns count, seconds, rate and latencies in milliseconds
 */
export async function load(client, route, bodies, { clients, pauseMs = 0, until, onAnswer }) {
  const milliseconds = [];
  const connections = await Promise.all(Array.from({ length: clients }, () => Connection.open(client.base)));
  const startedAt = performance.now();
  let next = 0;
  const take = () => (until?.aborted ? undefined : bodies[next++]);
  const lane = async (connection) => {
    for (let body = take(); body !== undefined; body = take()) {
      const sentAt = performance.now();
      const answer = await connection.post(route, client.authorization, JSON.stringify(body));
      milliseconds.push(performance.now() - sentAt);
      if (answer.status !== 200)
        throw new Error(`POST ${route} answered ${answer.status}: ${answer.body.toString('utf8', 0, 200)}`);
      // What nobody looks at is not read.
      onAnswer?.(JSON.parse(answer.body.toString()), body);
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  try {
    await Promise.all(connections.map(lane));
  } finally {
    for (const connection of connections) connection.close();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    count: milliseconds.length,
    seconds,
    milliseconds,
    perSecond: milliseconds.length / seconds,
    p50: percentile(milliseconds, 0.5),
    p99: percentile(milliseconds, 0.99),
  };
}
