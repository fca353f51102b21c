import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { Connections } from './drain.js';

/** Answers when it is told to. */
async function slowServer(): Promise<{
  server: http.Server;
  connections: Connections;
  port: number;
  get(path: string): Promise<Response>;
  answer(): void;
}> {
  const waiting: http.ServerResponse[] = [];
  const server = http.createServer((request, response) => {
    if (request.url === '/slow') waiting.push(response);
    else response.end('at once');
  });
  const connections = new Connections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    server,
    connections,
    port,
    get: (path) => fetch(`http://127.0.0.1:${port}${path}`),
    answer: () => waiting.splice(0).forEach((response) => response.end('at last')),
  };
}

describe('drain', () => {
  test('answers what is under way, and then nothing more', async () => {
    const { server, connections, get, answer } = await slowServer();
    const asked = get('/slow');
    await once(server, 'request');
    const drained = connections.drain(60_000);
    answer();
    expect(await (await asked).text()).toBe('at last');
    await drained;
    await expect(get('/')).rejects.toThrow();
  });

  test('ends connections that go on asking, each with an answer', async () => {
    const { server, connections, get, answer } = await slowServer();
    let stop = false;
    const statuses: number[] = [];
    const asking = (async () => {
      while (!stop)
        try {
          const response = await get('/');
          statuses.push(response.status);
          await response.text();
        } catch {
          stop = true;
        }
    })();
    const held = get('/slow');
    while (statuses.length < 3) await once(server, 'request');
    const drained = connections.drain(60_000);
    await asking;
    answer();
    expect((await held).status).toBe(200);
    await drained;
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('does not wait longer than it may', async () => {
    const { server, connections, get } = await slowServer();
    const asked = get('/slow').catch((error: unknown) => error);
    await once(server, 'request');
    await connections.drain(50);
    expect(await asked).toMatchObject({ message: 'fetch failed' });
  });

  test('does not wait for connections on which nothing was asked', async () => {
    const { server, connections, port } = await slowServer();
    const silent = net.connect(port, '127.0.0.1').on('error', () => undefined);
    await once(server, 'connection');
    await Promise.all([once(silent, 'close'), connections.drain(60_000)]);
  });
});
