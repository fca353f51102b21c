// A closed loop of clients. Plain http with kept connections: the generator shares the processors with the server.
import http from 'node:http';
import { percentile } from '../../dist/common/search/ranking-quality.js';

function post(agent, client, route, body) {
  const url = new URL(route, client.base);
  const payload = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: client.authorization,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(payload),
    };
    const request = http.request(url, { method: 'POST', agent, headers }, (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`POST ${route} answered ${response.statusCode}: ${text.slice(0, 200)}`));
      });
    });
    request.on('error', reject);
    request.end(payload);
  });
}

/**
 * Sends the bodies, `clients` at a time, each as soon as that client has its answer to the one before.
 * Ends early when `until` is aborted; fails with the first answer that is not 200 or that `onAnswer` throws at.
 * @returns count, rate and latencies in milliseconds
 */
export async function load(client, route, bodies, { clients, pauseMs = 0, until, onAnswer }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const milliseconds = [];
  const startedAt = performance.now();
  let next = 0;
  const take = () => (until?.aborted ? undefined : bodies[next++]);
  const lane = async () => {
    for (let body = take(); body !== undefined; body = take()) {
      const sentAt = performance.now();
      const answer = await post(agent, client, route, body);
      milliseconds.push(performance.now() - sentAt);
      onAnswer?.(answer, body);
      if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  try {
    await Promise.all(Array.from({ length: clients }, lane));
  } finally {
    agent.destroy();
  }
  const seconds = (performance.now() - startedAt) / 1000;
  return {
    count: milliseconds.length,
    perSecond: milliseconds.length / seconds,
    p50: percentile(milliseconds, 0.5),
    p99: percentile(milliseconds, 0.99),
  };
}
