import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import express from 'express';
import { AppError } from '../errors/app-error.js';
import { sendEvents, untilClosed, STREAM_WRITE_TIMEOUT, type ServerEvent } from './sse.js';

let server: http.Server;
let sent = 0;
let ended: Promise<void>;
let late: (signal: AbortSignal) => void;
const BIG = 'x'.repeat(64 * 1024);

async function* endless(done: () => void): AsyncGenerator<ServerEvent> {
  try {
    for (;;) {
      sent++;
      yield { event: 'token', data: { text: BIG } };
    }
  } finally {
    done();
  }
}

async function* failing(after: number): AsyncGenerator<ServerEvent> {
  for (let i = 0; i < after; i++) yield { event: 'token', data: i };
  throw new AppError('llm_unavailable', 'Not now.');
}

async function* placed(): AsyncGenerator<ServerEvent> {
  yield { id: '7-1' };
  yield { event: 'token', data: 1, id: '8-1' };
}

beforeAll(async () => {
  Logger.overrideLogger(false);
  const app = express();
  app.set(STREAM_WRITE_TIMEOUT, 300);
  app.get('/endless', (request, response) => {
    sent = 0;
    ended = new Promise((resolve) => void sendEvents(endless(resolve), request, response));
  });
  app.get('/placed', (request, response) => {
    void sendEvents(placed(), request, response);
  });
  app.get('/failing/:after', (request, response) => {
    sendEvents(failing(Number(request.params['after'])), request, response).catch((error: AppError) =>
      response.status(error.status).send(error.code),
    );
  });
  app.get('/late', (request, response) => {
    sent = 0;
    response.once('close', () => {
      ended = new Promise(
        (resolve) =>
          void sendEvents(
            endless(() => undefined),
            request,
            response,
          ).then(resolve),
      );
      late(untilClosed(response));
    });
    response.socket?.destroy();
  });
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const get = (path: string): Promise<http.IncomingMessage> =>
  new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    http
      .get({ port, host: '127.0.0.1', path }, (response) => resolve(response.on('error', () => undefined)))
      .on('error', reject);
  });

async function text(response: http.IncomingMessage): Promise<string> {
  let all = '';
  for await (const chunk of response) all += String(chunk);
  return all;
}

describe('sendEvents', () => {
  test('a client that never reads is cut off, and its producer ends; little is kept for it', async () => {
    const response = await get('/endless');
    response.pause();
    await ended;
    // What it was sent lies in the buffers of the connection: a few megabytes, where the producer would go on.
    expect(sent * BIG.length).toBeLessThan(30_000_000);
    const closed = new Promise((resolve) => response.once('close', resolve));
    response.resume();
    await closed;
    expect(response.complete).toBe(false);
  });

  test('an id alone is told without an event', async () => {
    expect(await text(await get('/placed'))).toBe('id: 7-1\n\nid: 8-1\nevent: token\ndata: 1\n\n');
  });

  test('a client that leaves ends its producer', async () => {
    const response = await get('/endless');
    response.once('data', () => response.destroy());
    await ended;
  });

  test('nothing is left of a stream that opens when the client has left', async () => {
    const timers = jest.spyOn(globalThis, 'setInterval');
    const closed = new Promise<AbortSignal>((resolve) => (late = resolve));
    await expect(get('/late')).rejects.toThrow();
    expect((await closed).aborted).toBe(true);
    await ended;
    expect(sent).toBeLessThanOrEqual(1);
    expect(timers).not.toHaveBeenCalled();
    timers.mockRestore();
  });

  test('a failure before the first event is thrown, one on the way is an event', async () => {
    const refused = await get('/failing/0');
    expect([refused.statusCode, await text(refused)]).toEqual([503, 'llm_unavailable']);
    const broken = await get('/failing/2');
    expect(broken.statusCode).toBe(200);
    expect(await text(broken)).toMatch(
      /^event: token\ndata: 0\n\nevent: token\ndata: 1\n\nevent: error\ndata: \{.*"code":"llm_unavailable".*\}\n\n$/,
    );
  });
});
