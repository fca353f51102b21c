import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { ChromaConnection } from './chroma-connection.js';

/** The name of a collection whose lookup is never answered. */
const STUCK = 'stuck';

describe('a ChromaDB that leaves a call without an answer', () => {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    const name = new URL(request.url ?? '', 'http://chroma').pathname.split('/').at(-1) ?? '';
    asked.push(name);
    if (name === STUCK) return;
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"error":"NotFoundError","message":"Collection does not exist"}');
  });
  let connection: ChromaConnection;
  const look = (name: string): Promise<string> =>
    connection
      .read((client) => client.getCollection({ name }))
      .then(
        () => 'found',
        (error: Error) => error.message,
      );

  beforeEach(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    asked.length = 0;
    connection = new ChromaConnection({
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      tenant: 'default_tenant',
      database: 'default_database',
      timeout: 400,
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('is not asked again for a while', async () => {
    expect(await look(STUCK)).toMatch(/in time/);
    expect(await look('other')).toMatch(/does not answer\.$/);
    expect(asked).toEqual([STUCK]);
  });

  test('is asked by others while it answers them', async () => {
    const stuck = look(STUCK);
    expect(await look('other')).toMatch(/not (?:be )?found/);
    expect(await stuck).toMatch(/in time/);
    expect(await look('other')).toMatch(/not (?:be )?found/);
  });
});
