import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { ApiClient, ApiError } from './client.js';

interface Asked {
  route: string;
  token: string | undefined;
}

/** An API whose tokens are good until `expire`; what `next` says comes before what it would answer. */
class Api {
  readonly asked: Asked[] = [];
  readonly next: number[] = [];
  signIns = 0;
  expired = 0;
  private readonly server = http.createServer((request, response) => void this.answer(request, response));

  static async start(): Promise<Api> {
    const api = new Api();
    api.server.listen(0, '127.0.0.1');
    await once(api.server, 'listening');
    return api;
  }

  get client(): ApiClient {
    return new ApiClient(`http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Every token that was given so far. */
  expire(): void {
    this.expired = this.signIns;
  }

  private async answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    for await (const _ of request);
    const token = request.headers.authorization?.replace('Bearer ', '');
    const route = request.url ?? '';
    this.asked.push({ route, token });
    const reply = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json', 'retry-after': '0' });
      response.end(JSON.stringify(body));
    };
    if (route === '/auth/login') {
      if (token !== undefined) return reply(400, { code: 'not_anonymous' });
      return reply(200, { access_token: `t${++this.signIns}` });
    }
    const status = this.next.shift();
    if (status === 429) this.expire();
    if (status !== undefined) return reply(status, { code: 'too_many_requests' });
    const good = Number(token?.slice(1)) > this.expired;
    return good ? reply(200, { items: [] }) : reply(401, { code: 'unauthenticated' });
  }
}

describe('a client of the API', () => {
  let api: Api;
  let client: ApiClient;
  beforeEach(async () => {
    api = await Api.start();
    client = api.client;
    await client.signIn({ email: 'ada@example.com', password: 'x' });
  });
  afterEach(() => api.stop());

  it('signs in again when its token ran out', async () => {
    api.expire();
    await client.documents({});
    expect(api.signIns).toBe(2);
  });

  it('signs in again when its token ran out during a pause, each time', async () => {
    api.next.push(429, 401, 429);
    await client.documents({});
    expect([client.pauses, api.signIns]).toEqual([2, 3]);
  });

  it('asks once more at most with a token that was just given', async () => {
    api.expired = Infinity;
    await expect(client.documents({})).rejects.toMatchObject({ status: 401, code: 'unauthenticated' });
    expect(api.signIns).toBe(2);
    expect(api.asked.filter(({ route }) => route.startsWith('/documents'))).toHaveLength(2);
  });

  it('signs in once for calls at the same time, and sends none without a token', async () => {
    api.expire();
    await Promise.all(Array.from({ length: 8 }, () => client.documents({})));
    expect(api.signIns).toBe(2);
    expect(api.asked.filter(({ route, token }) => route !== '/auth/login' && token === undefined)).toEqual(
      [],
    );
  });

  it('does not sign in for an API key', async () => {
    client.useKey('k0');
    await expect(client.documents({})).rejects.toThrow(ApiError);
    expect(api.signIns).toBe(1);
  });
});

describe('uploads from the disk', () => {
  const MB = 1024 * 1024;
  const target = { docId: 'd', collectionId: 'c' };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'client-spec-'));
  const large = path.join(folder, 'large.bin');
  let server: http.Server;
  let base: string;
  let uploads: Promise<http.IncomingMessage>;

  /** Answers nothing but uploads that came to their end. */
  beforeEach(async () => {
    fs.writeFileSync(large, Buffer.alloc(96 * MB, 'x'));
    uploads = new Promise((resolve) => {
      server = http.createServer((request, response) => {
        if (request.method !== 'POST') return;
        request.on('end', () => response.end('{"documents":[{"id":"1"}]}'));
        request.on('error', () => undefined);
        resolve(request);
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('may take longer than other requests, as long as they go on', async () => {
    const sending = new ApiClient(base, 3000).uploadInto(large, 'large.bin', target);
    void sending.catch(() => undefined);
    const upload = await uploads;
    const clock = new ApiClient(base, 500);
    for (let i = 0; i < 8; i++) {
      for (let taken = 0; taken < 10 * MB;) {
        const [piece] = (await once(upload.resume(), 'data')) as [Buffer];
        taken += piece.length;
      }
      upload.pause();
      await expect(clock.get('/never')).rejects.toMatchObject({ name: 'TimeoutError' });
    }
    upload.resume();
    expect(await sending).toEqual({ id: '1' });
  });

  it('end where nothing is taken any more', async () => {
    await expect(new ApiClient(base, 300).uploadInto(large, 'large.bin', target)).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('end with the file where it changes or is gone', async () => {
    const client = new ApiClient(base);
    const sending = client.uploadInto(large, 'large.bin', target);
    void sending.catch(() => undefined);
    const upload = await uploads;
    fs.truncateSync(large, MB);
    upload.resume();
    await expect(sending).rejects.toMatchObject({ code: 'changed' });
    fs.rmSync(large);
    await expect(client.uploadInto(large, 'large.bin', target)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
