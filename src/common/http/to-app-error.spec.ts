import { execFile } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Pool } from 'pg';
import { QueryFailedError } from 'typeorm';
import { toAppError } from './to-app-error.js';

const codeOf = (error: unknown): string => toAppError(error).code;
const failure = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );

/** A server on a free port of the loopback address. */
async function listening(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listening(server);
  server.close();
  await once(server, 'close');
  return port;
}

const connecting = (options: object): Promise<unknown> =>
  failure(new Pool({ host: '127.0.0.1', user: 'u', database: 'd', ...options }).connect());

describe('a database that is not there', () => {
  test('is unavailable where the connection is refused, at one address or at several', async () => {
    const port = await closedPort();
    expect(codeOf(await connecting({ port }))).toBe('database_unavailable');
    const lookup: net.LookupFunction = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ]);
    const [error] = (await once(
      net.connect({ host: 'database', port, lookup, autoSelectFamily: true }).once('connect', () => {
        throw new Error('it connected');
      }),
      'error',
    ).catch((thrown: unknown) => [thrown])) as [NodeJS.ErrnoException];
    expect([error.code, error.syscall]).toEqual(['ECONNREFUSED', undefined]);
    expect(codeOf(error)).toBe('database_unavailable');
  });

  test('is unavailable where nobody knows its name, as that of a container that is stopped', async () => {
    const error = await connecting({ host: 'database.invalid' });
    expect(error).toMatchObject({ syscall: 'getaddrinfo' });
    expect(codeOf(error)).toBe('database_unavailable');
  });

  test.each(['EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])(
    'is unavailable where there is no way: %s',
    (code) => {
      expect(codeOf(Object.assign(new Error(`connect ${code}`), { code, syscall: 'connect' }))).toBe(
        'database_unavailable',
      );
    },
  );

  test.each(['28P01', '28000', '3D000'])('is unavailable where it lets nobody in: %s', async (code) => {
    const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0Mno entry\0\0`);
    const head = Buffer.alloc(5);
    head.write('E');
    head.writeInt32BE(fields.length + 4, 1);
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined).once('data', () => socket.end(Buffer.concat([head, fields])));
    });
    const error = await connecting({ port: await listening(server) });
    expect(error).toMatchObject({ code });
    expect(codeOf(error)).toBe('database_unavailable');
    server.close();
  });

  test('is unavailable where its socket is missing', async () => {
    expect(codeOf(await connecting({ host: '/nowhere/at/all' }))).toBe('database_unavailable');
  });

  test.each<[string, (socket: net.Socket) => void]>([
    ['ends the connection', (socket) => socket.end()],
    ['resets the connection', (socket) => socket.once('data', () => socket.resetAndDestroy())],
  ])('is unavailable where it %s at once', async (_name, act) => {
    const server = net.createServer((socket) => act(socket.on('error', () => undefined)));
    const port = await listening(server);
    expect(codeOf(await connecting({ port }))).toBe('database_unavailable');
    server.close();
  });

  test('is unavailable where it does not answer in time', async () => {
    const server = net.createServer();
    const port = await listening(server);
    expect(codeOf(await connecting({ port, connectionTimeoutMillis: 100 }))).toBe('database_unavailable');
    server.close();
  });

  test.each(['ECONNRESET', 'EPIPE', '57P01'])('is unavailable where a query ends with %s', (code) => {
    const lost = Object.assign(new Error('lost'), { code });
    expect(codeOf(new QueryFailedError('select 1', [], lost))).toBe('database_unavailable');
  });
});

describe('what is no failure of the database', () => {
  test('a file that is missing', async () => {
    expect(codeOf(await failure(fs.readFile('/nowhere/at/all')))).toBe('internal_error');
  });

  test('a process that reads nothing more', async () => {
    const { stdin } = execFile('true');
    const error = new Promise((resolve) => stdin?.once('error', resolve));
    stdin?.write(Buffer.alloc(1 << 20));
    expect(await error).toMatchObject({ code: 'EPIPE' });
    expect(codeOf(await error)).toBe('internal_error');
  });

  test('a client that hangs up', async () => {
    let seen: Promise<unknown> | undefined;
    const server = http.createServer((request) => {
      seen = failure(text(request));
    });
    const client = net.connect(await listening(server), '127.0.0.1');
    client.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf');
    await once(server, 'request');
    client.destroy();
    expect(await seen).toMatchObject({ code: 'ECONNRESET' });
    expect(codeOf(await seen)).toBe('internal_error');
    server.close();
  });

  test.each(['Request aborted', 'Request closed'])('a form that breaks off: %s', (message) => {
    expect(codeOf(new Error(message))).toBe('malformed_request');
  });
});
