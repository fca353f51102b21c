import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Settings } from '../config/settings.js';
import { WebhookSender } from './webhook-sender.service.js';

/** A receiver on this machine: whatever arrives there although it must not is a hole. */
describe('sending to an address that somebody chose', () => {
  let server: http.Server;
  let port: number;
  let arrived: { path: string; host: string; body: string }[];
  let answer: (response: http.ServerResponse) => void;

  beforeEach(async () => {
    arrived = [];
    answer = (response) => response.writeHead(204).end();
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        arrived.push({ path: request.url ?? '', host: request.headers.host ?? '', body });
        answer(response);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A name server whose answers change: the first is what is checked, the second what a second look would find. */
  function sender(
    webhookAllowPrivate: boolean,
    ...answers: string[][]
  ): { sender: WebhookSender; asked: string[] } {
    const asked: string[] = [];
    const lookup = {
      addresses: (host: string) => {
        asked.push(host);
        const addresses = answers[Math.min(asked.length, answers.length) - 1] ?? [];
        return Promise.resolve(
          addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
        );
      },
    };
    return { sender: new WebhookSender(lookup, { webhookAllowPrivate } as Settings), asked };
  }
  const message = (url: string) => ({ url, headers: { 'x-test': '1' }, body: '{"a":"ä"}' });

  it('uses the address that it looked up once, whatever the name means afterwards', async () => {
    const { sender: it, asked } = sender(true, ['127.0.0.1'], ['192.0.2.1']);
    expect(await it.send(message(`http://rebinding.example:${port}/hook`))).toEqual({ status: 204 });
    expect(asked).toEqual(['rebinding.example']);
    expect(arrived).toEqual([{ path: '/hook', host: `rebinding.example:${port}`, body: '{"a":"ä"}' }]);
  });

  it.each([
    [['127.0.0.1']],
    [['93.184.216.34', '127.0.0.1']],
    [['::1']],
    [['::ffff:127.0.0.1']],
    [['169.254.169.254']],
  ])('does not connect when the name means %j', async (addresses) => {
    const { sender: it, asked } = sender(false, addresses);
    const attempt = await it.send(message(`https://innocent.example:${port}/`));
    expect(attempt).toEqual({ error: expect.stringContaining('public internet') });
    expect(asked).toHaveLength(1);
    expect(arrived).toEqual([]);
  });

  it('checks an address that was accepted once each time', async () => {
    const { sender: it } = sender(false);
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `https://[::ffff:7f00:1]:${port}/`,
      `https://127.1:${port}/`,
    ])
      expect(await it.send(message(url))).toEqual({ error: expect.any(String) });
    expect(arrived).toEqual([]);
  });

  it('follows no redirect', async () => {
    answer = (response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/secret` }).end();
    const { sender: it } = sender(true, ['127.0.0.1']);
    expect(await it.send(message(`http://a.example:${port}/hook`))).toEqual({ status: 302 });
    expect(arrived.map(({ path }) => path)).toEqual(['/hook']);
  });

  it('reads no more of an answer than it needs', async () => {
    answer = (response) => {
      response.writeHead(200);
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(64 * 1024), () => setImmediate(more));
      };
      more();
    };
    const { sender: it } = sender(true, ['127.0.0.1']);
    expect(await it.send(message(`http://a.example:${port}/`))).toEqual({ status: 200 });
  });

  it('says why nothing came of it, in words that tell nothing about the network', async () => {
    const { sender: it } = sender(true, ['127.0.0.1']);
    server.close();
    server.closeAllConnections();
    expect(await it.send(message(`http://a.example:${port}/`))).toEqual({
      error: 'the connection was refused',
    });
    const nobody = sender(true, []);
    expect(await nobody.sender.send(message('http://a.example/'))).toEqual({
      error: 'the name has no address',
    });
  });
});
